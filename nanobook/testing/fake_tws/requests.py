"""What clients ask, one function a message: each reads the fields of a request and answers.

A function takes the session and the fields behind the message id. Those of orders are in ``placing``.
"""

from __future__ import annotations

from . import messages
from .layouts import CONTRACT
from .messages import REQUESTS
from .placing import Refused, cancel_order, contract_of, global_cancel, place_order
from .wire import ProtocolError

FILTER = ("client_id", "account", "time", "symbol", "sec_type", "exchange", "side")
CONTRACT_NAMES = CONTRACT.split()


def contract_asked(fields):
    """Give the fields of a contract by name."""
    if len(fields) < len(CONTRACT_NAMES):
        raise ProtocolError(f"a contract of {len(fields)} fields")
    return dict(zip(CONTRACT_NAMES, fields, strict=False))


def start_api(session, fields):
    """Take the client in, unless its id is in use."""
    gateway, client_id = session.gateway, int(fields[1])
    if any(other.client_id == client_id for other in gateway.sessions):
        session.error(-1, 326)
        session.cut()
        return
    session.client_id = client_id
    gateway.sessions.append(session)
    managed_accounts(session, fields)
    next_valid_id(session, fields)
    for code in (2104, 2106, 2158):
        session.error(-1, code)
    if not gateway.is_linked:
        session.error(-1, 1100)


def managed_accounts(session, fields):
    """Tell the accounts."""
    session.send([15, 1, session.gateway.account.name])


def next_valid_id(session, fields):
    """Tell the next order id."""
    session.send([9, 1, session.gateway.next_id(session.client_id)])


def current_time(session, fields):
    """Tell the time."""
    session.send([49, 1, int(session.gateway.clock.now().timestamp())])


def positions(session, fields):
    """Tell all positions, and from now on their changes."""
    account, session.follows_positions = session.gateway.account, True
    for held in account.positions.values():
        if held.quantity:
            session.send(messages.position(account.name, held.contract, held.quantity, held.average_cost))
    session.send([62, 1])


def cancel_positions(session, fields):
    """Tell positions no more."""
    session.follows_positions = False


def account_updates(session, fields):
    """Tell the account, and from now on its changes; or no more."""
    session.follows_account = fields[1] == "1"
    if not session.follows_account:
        return
    account = session.gateway.account
    if fields[2] not in ("", account.name):
        session.error(-1, 321, f"Invalid account code '{fields[2]}'.")
        return
    session.tell_account([held for held in account.positions.values() if held.quantity])
    session.send([54, 1, account.name])


def account_updates_multi(session, fields):
    """Tell the values of an account."""
    request, account = fields[1], session.gateway.account
    if fields[2] not in ("", account.name):
        session.error(request, 321, f"Invalid account code '{fields[2]}'.")
        return
    for tag, value in session.gateway.values().items():
        session.send(messages.account_update_multi(request, account.name, tag, value))
    session.send([74, 1, request])


def account_summary(session, fields):
    """Tell the values that were asked for by tag, and from now on when they change."""
    request, tags = fields[1], fields[3].split(",")
    session.summaries[request] = tags
    session.tell_summary(request, tags)
    if "AccountType" in tags:
        account = session.gateway.account.name
        session.send(messages.account_summary(request, account, "AccountType", "INDIVIDUAL", ""))
    session.send([64, 1, request])


def cancel_account_summary(session, fields):
    """Tell those values no more."""
    session.summaries.pop(fields[1], None)


def profit_and_loss(session, fields):
    """Tell what the account has gained."""
    values = session.gateway.values()
    gain = values["UnrealizedPnL"]
    session.send([94, fields[0], gain, gain, values["RealizedPnL"]])


def contract_details(session, fields):
    """Tell all contracts that a request may mean."""
    request = fields[1]
    found = session.gateway.listings.find(contract_asked(fields[2:]))
    if not found:
        session.error(request, 200)
        return
    for contract in found:
        session.send(messages.contract_details(session.version, request, contract))
    session.send([52, 1, request])


def matching_symbols(session, fields):
    """Tell all contracts whose names begin so."""
    request, pattern = fields[0], fields[1].upper()
    found = [contract for contract in session.gateway.listings if contract.symbol.startswith(pattern)]
    session.send(messages.symbol_samples(session.version, request, found))


def market_data_type(session, fields):
    """Note whether live or delayed data are wanted."""
    session.data_type = int(fields[1])


def market_data(session, fields):
    """Send the quote of a contract, once or whenever it changes."""
    request, snapshot = fields[1], fields[-3] == "1"
    try:
        contract = contract_of(session.gateway, contract_asked(fields[2:]))
    except Refused as refused:
        session.error(request, refused.code, text=refused.text)
        return
    allowed = session.gateway.market.quote(contract).data
    delayed = allowed == "delayed"
    if allowed == "none" or (delayed and session.data_type < 3):
        session.error(request, 354)
        return
    if delayed:
        session.error(request, 10167)
    session.send([81, request, contract.tick, "9c0001", 3])
    session.send([58, 1, request, 3 if delayed else 1])
    session.tell_quote(request, contract, delayed)
    if snapshot:
        session.send([57, 1, request])
    else:
        session.quotes[request] = (contract, delayed)


def cancel_market_data(session, fields):
    """Send a quote no more."""
    session.quotes.pop(fields[1], None)


def historical_data(session, fields):
    """There is no past here."""
    too_soon = session.asks_too_soon(tuple(fields[1:]))
    reason = "API pacing violation" if too_soon else f"HMDS query returned no data: {fields[2]}"
    session.error(fields[0], 162, reason)


def real_time_bars(session, fields):
    """There are no bars here."""
    session.error(fields[1], 420)


def auto_bind(session, fields):
    """Let client 0 hear of the orders that were entered by hand."""
    session.binds = session.client_id == 0 and fields[1] == "1"


def open_orders(session, fields):
    """Tell the client's orders that live."""
    _tell_open(session, [order for order in session.gateway.orders.values() if session.hears(order)])


def all_open_orders(session, fields):
    """Tell everybody's orders that live."""
    _tell_open(session, session.gateway.orders.values())


def _tell_open(session, orders):
    for order in orders:
        if order.is_live:
            session.send(messages.open_order(session.version, order, status=order.status))
            session.send(messages.order_status(order, order.status, order.filled, order.average))
    session.send([53, 1])


def completed_orders(session, fields):
    """Tell the orders that have ended; those entered by hand only if asked."""
    for order in session.gateway.orders.values():
        if not order.is_live and not (fields[0] == "1" and order.by_hand):
            session.send(messages.completed_order(session.version, order))
    session.send([102])


def executions(session, fields):
    """Tell the executions that a filter lets through, and what they cost."""
    request, wanted = fields[1], dict(zip(FILTER, fields[2:], strict=False))
    gateway = session.gateway
    found = [done for done in gateway.executions if _is_wanted(done, wanted, gateway.account.name)]
    for done in found:
        session.send(messages.execution(session.version, request, done, gateway.account.name))
    for done in found:
        session.send(messages.commission_report(done))
    session.send([55, 1, request])


def _is_wanted(done, wanted, account):
    """Whether an execution passes a filter; what it leaves empty is not asked."""
    order = done.order
    mine = {
        "client_id": str(order.client_id),
        "account": account,
        "symbol": order.contract.symbol,
        "sec_type": order.contract.sec_type,
        "side": order.action,
    }
    names = [name for name in mine if wanted.get(name, "") not in ("", "0")]
    since = "".join(c for c in wanted.get("time", "") if c.isdigit())
    fits = all(wanted[name].upper() == mine[name].upper() for name in names)
    return fits and "".join(c for c in done.time if c.isdigit()) >= since


def market_rule(session, fields):
    """Tell the one rule of price steps that there is."""
    if fields[0] == str(messages.CENTS_RULE):
        session.send([93, fields[0], 1, 0, messages.CENT])
    else:
        session.error(-1, 322, f"market rule {fields[0]}: there is none")


def scanner_parameters(session, fields):
    """Tell that nothing can be scanned for."""
    session.send([19, 1, "<ScanParameterResponse/>"])


def advisor(session, fields):
    """Tell that the account is no advisor's."""
    session.error(-1, 322, "FA data operations ignored for non FA customers.")


def none_of(answer):
    """Make a function that answers with an empty list."""
    return lambda session, fields: session.send([answer, 0])


def not_served(name):
    """Make a function that refuses a request: by its number, so that nobody waits for more."""
    place = messages.NOT_SERVED[name] - 1
    return lambda session, fields: session.error(fields[place], 322, f"{name}: not served by this fake")


def nothing(session, fields):
    """Hear, and do nothing: the end of what was told once."""


HANDLERS = {
    **{name: nothing for name in REQUESTS.values() if name.startswith(("cancel", "unsubscribe"))},
    "reqMktData": market_data,
    "cancelMktData": cancel_market_data,
    "placeOrder": place_order,
    "cancelOrder": cancel_order,
    "reqOpenOrders": open_orders,
    "reqAccountUpdates": account_updates,
    "reqExecutions": executions,
    "reqIds": next_valid_id,
    "reqContractDetails": contract_details,
    "setServerLogLevel": nothing,
    "reqAutoOpenOrders": auto_bind,
    "reqAllOpenOrders": all_open_orders,
    "reqManagedAccts": managed_accounts,
    "reqHistoricalData": historical_data,
    "reqCurrentTime": current_time,
    "reqRealTimeBars": real_time_bars,
    "reqGlobalCancel": global_cancel,
    "reqMarketDataType": market_data_type,
    "reqPositions": positions,
    "cancelPositions": cancel_positions,
    "reqAccountSummary": account_summary,
    "cancelAccountSummary": cancel_account_summary,
    "startApi": start_api,
    "reqAccountUpdatesMulti": account_updates_multi,
    "reqMatchingSymbols": matching_symbols,
    "reqPnL": profit_and_loss,
    "reqCompletedOrders": completed_orders,
    "reqMarketRule": market_rule,
    "reqScannerParameters": scanner_parameters,
    "requestFA": advisor,
    "reqFamilyCodes": none_of(78),
    "reqMktDepthExchanges": none_of(80),
    "reqNewsProviders": none_of(85),
    "reqNewsBulletins": nothing,
    **{name: not_served(name) for name in messages.NOT_SERVED},
}
assert HANDLERS.keys() == set(REQUESTS.values())


def request_of(message):
    """Give a request's id, name and function; the last two None where it is unknown."""
    try:
        number = int(message[0])
    except ValueError:
        raise ProtocolError(f"message id {message[0]!r}") from None
    name = REQUESTS.get(number)
    return number, name, HANDLERS.get(name)
