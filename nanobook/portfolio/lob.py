"""A rebalance in live order books: what each symbol costs there, and market orders for what is planned."""

from ..errors import WrongType
from ..kernels.account.state import CASH, RATE
from ..multi import MultiExchange


def mid_prices(exchange):
    """Middle of the touch of each book by symbol, or its one side; books without any are left out."""
    if not isinstance(exchange, MultiExchange):
        raise WrongType(f"exchange: {type(exchange).__name__}, needs a MultiExchange")
    found = {}
    for symbol, bid, ask in exchange.best_prices():
        if bid is not None or ask is not None:
            sides = (bid if ask is None else ask, ask if bid is None else bid)
            found[symbol] = min(sides) + abs(sides[1] - sides[0]) // 2
    return found


def trade_in_books(ledger, exchange):
    """Send the planned orders to the books, sells first where the rules say so, and book every trade."""
    orders = ledger.plan()
    if ledger.rules.sells_first:
        orders.sort(key=lambda order: order[1] > 0)
    for column, quantity in orders:
        symbol = ledger.symbols[column]
        if quantity > 0 and not ledger.rules.margin:
            quantity = payable(ledger, exchange[symbol], quantity)
        if quantity == 0:
            continue
        side = 1 if quantity > 0 else -1
        result = exchange.submit_market(symbol, "buy" if side > 0 else "sell", abs(quantity))
        for trade in result.trades:
            ledger.fill(column, side * trade.quantity, trade.price)


def payable(ledger, book, quantity):
    """Part of a buy that cash can pay from the book as it stands, in steps.

    Every order that is met may cost the smallest fee, so all of those of a level are set aside.
    """
    rules, cash, bought = ledger.rules, max(int(ledger.money[CASH]), 0), 0
    for price, lots, orders in book.full_book().asks:
        most = (cash - rules.min_fee * orders) * RATE // (price * (RATE + rules.fee_rate))
        size = max(min(lots, quantity - bought, most), 0)
        bought += size
        cash -= size * price + size * price * rules.fee_rate // RATE + rules.min_fee * orders
        if size < lots:
            break
    return bought - bought % rules.step
