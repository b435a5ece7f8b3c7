"""What the server says, one function a message: each gives the fields of one frame."""

from __future__ import annotations

from decimal import Decimal

from ...exact import plus
from . import layouts

REQUESTS = {
    1: "reqMktData",
    2: "cancelMktData",
    3: "placeOrder",
    4: "cancelOrder",
    5: "reqOpenOrders",
    6: "reqAccountUpdates",
    7: "reqExecutions",
    8: "reqIds",
    9: "reqContractDetails",
    10: "reqMktDepth",
    11: "cancelMktDepth",
    12: "reqNewsBulletins",
    13: "cancelNewsBulletins",
    14: "setServerLogLevel",
    15: "reqAutoOpenOrders",
    16: "reqAllOpenOrders",
    17: "reqManagedAccts",
    18: "requestFA",
    19: "replaceFA",
    20: "reqHistoricalData",
    21: "exerciseOptions",
    22: "reqScannerSubscription",
    23: "cancelScannerSubscription",
    24: "reqScannerParameters",
    25: "cancelHistoricalData",
    49: "reqCurrentTime",
    50: "reqRealTimeBars",
    51: "cancelRealTimeBars",
    52: "reqFundamentalData",
    53: "cancelFundamentalData",
    54: "calculateImpliedVolatility",
    55: "calculateOptionPrice",
    56: "cancelCalculateImpliedVolatility",
    57: "cancelCalculateOptionPrice",
    58: "reqGlobalCancel",
    59: "reqMarketDataType",
    61: "reqPositions",
    62: "reqAccountSummary",
    63: "cancelAccountSummary",
    64: "cancelPositions",
    67: "queryDisplayGroups",
    68: "subscribeToGroupEvents",
    69: "updateDisplayGroup",
    70: "unsubscribeFromGroupEvents",
    71: "startApi",
    74: "reqPositionsMulti",
    75: "cancelPositionsMulti",
    76: "reqAccountUpdatesMulti",
    77: "cancelAccountUpdatesMulti",
    78: "reqSecDefOptParams",
    79: "reqSoftDollarTiers",
    80: "reqFamilyCodes",
    81: "reqMatchingSymbols",
    82: "reqMktDepthExchanges",
    83: "reqSmartComponents",
    84: "reqNewsArticle",
    85: "reqNewsProviders",
    86: "reqHistoricalNews",
    87: "reqHeadTimeStamp",
    88: "reqHistogramData",
    89: "cancelHistogramData",
    90: "cancelHeadTimeStamp",
    91: "reqMarketRule",
    92: "reqPnL",
    93: "cancelPnL",
    94: "reqPnLSingle",
    95: "cancelPnLSingle",
    96: "reqHistoricalTicks",
    97: "reqTickByTickData",
    98: "cancelTickByTickData",
    99: "reqCompletedOrders",
    100: "reqWshMetaData",
    101: "cancelWshMetaData",
    102: "reqWshEventData",
    103: "cancelWshEventData",
    104: "reqUserInfo",
}
"""What clients send, by message id."""

NOT_SERVED = {
    "reqMktDepth": 2,
    "exerciseOptions": 2,
    "reqScannerSubscription": 1,
    "replaceFA": 4,
    "reqFundamentalData": 2,
    "calculateImpliedVolatility": 2,
    "calculateOptionPrice": 2,
    "queryDisplayGroups": 2,
    "subscribeToGroupEvents": 2,
    "updateDisplayGroup": 2,
    "reqPositionsMulti": 2,
    "reqSecDefOptParams": 1,
    "reqSoftDollarTiers": 1,
    "reqSmartComponents": 1,
    "reqNewsArticle": 1,
    "reqHistoricalNews": 1,
    "reqHeadTimeStamp": 1,
    "reqHistogramData": 1,
    "reqPnLSingle": 1,
    "reqHistoricalTicks": 1,
    "reqTickByTickData": 1,
    "reqWshMetaData": 1,
    "reqWshEventData": 1,
    "reqUserInfo": 1,
}
"""What is answered with an error only, and which field names the request."""

REQUEST_ID_AT = {
    "reqMktData": 2,
    "placeOrder": 1,
    "cancelOrder": 2,
    "reqExecutions": 2,
    "reqContractDetails": 2,
    "reqHistoricalData": 1,
    "reqRealTimeBars": 2,
    "reqAccountSummary": 2,
    "reqAccountUpdatesMulti": 2,
    "reqMatchingSymbols": 1,
    "reqPnL": 1,
    **NOT_SERVED,
}
"""Which field of a request names it; errors of others belong to none."""

ANSWERS = {
    1: "tickPrice",
    2: "tickSize",
    3: "orderStatus",
    4: "error",
    5: "openOrder",
    6: "accountValue",
    7: "portfolioValue",
    8: "accountUpdateTime",
    9: "nextValidId",
    10: "contractDetails",
    11: "execDetails",
    15: "managedAccounts",
    19: "scannerParameters",
    46: "tickString",
    49: "currentTime",
    52: "contractDetailsEnd",
    53: "openOrderEnd",
    54: "accountDownloadEnd",
    55: "execDetailsEnd",
    57: "tickSnapshotEnd",
    58: "marketDataType",
    59: "commissionReport",
    61: "position",
    62: "positionEnd",
    63: "accountSummary",
    64: "accountSummaryEnd",
    73: "accountUpdateMulti",
    74: "accountUpdateMultiEnd",
    78: "familyCodes",
    79: "symbolSamples",
    80: "mktDepthExchanges",
    81: "tickReqParams",
    85: "newsProviders",
    93: "marketRule",
    94: "pnl",
    100: "orderBound",
    101: "completedOrder",
    102: "completedOrdersEnd",
}
"""What the server sends, by message id."""

TEXTS = {
    100: "Max rate of messages per second has been exceeded:max={} rec={} ({})",
    103: "Duplicate order id",
    105: "Order being modified does not match original order",
    110: "The price does not conform to the minimum price variation for this contract.",
    162: "Historical Market Data Service error message:{}",
    200: "No security definition has been found for the request",
    201: "Order rejected - reason:{}",
    202: "Order Canceled - reason:{}",
    320: "Error reading request. {}",
    321: "Error validating request.-'bW' : cause - {}",
    322: "Error processing request.-'bW' : cause - {}",
    326: "Unable to connect as the client id is already in use. Retry with a unique client id.",
    354: "Requested market data is not subscribed.",
    387: "Unsupported order type for this exchange and security type.",
    399: "Order Message:\n{}\nWarning: your order will not be placed at the exchange until it opens.",
    420: "Invalid Real-time Query:Historical data request pacing violation",
    434: "The order size cannot be zero.",
    505: "Fatal Error: Unknown message id.",
    1100: "Connectivity between IBKR and Trader Workstation has been lost.",
    1101: "Connectivity between IBKR and Trader Workstation has been restored - data lost.",
    1102: "Connectivity between IBKR and Trader Workstation has been restored - data maintained.",
    2104: "Market data farm connection is OK:usfarm",
    2106: "HMDS data farm connection is OK:ushmds",
    2158: "Sec-def data farm connection is OK:secdefnj",
    10147: "OrderId {} that needs to be cancelled is not found.",
    10148: "OrderId {} that needs to be cancelled cannot be cancelled, state: {}.",
    10167: "Requested market data is not subscribed. Displaying delayed market data.",
    10243: "Fractional-sized order cannot be placed via API. Please use desktop version to place this order.",
    10349: "Order TIF was set to {} based on order preset.",
}
"""The usual text of each error; braces are filled in."""

CENT, CENTS_RULE = Decimal("0.01"), 26  # the rule that prices are whole cents
DELAYED = {1: 66, 2: 67, 4: 68, 0: 69, 3: 70, 5: 71, 8: 74, 9: 75, 45: 88}
"""Tick types of live data, and of the same data when it is delayed."""


def error(version, request, code, *details, text=None):
    """Error, warning or news; ``request`` is -1 where it belongs to none."""
    told = TEXTS[code].format(*details) if text is None else text
    return [4, 2, request, code, told] + ([""] if version >= 166 else [])


def contract_fields(contract, exchange):
    """The eleven fields of a contract as most answers give it."""
    values = contract.values(exchange)
    return [values[name] for name in layouts.BRIEF.split()]


def position(account, contract, quantity, average_cost):
    """What is held of a contract."""
    return [61, 3, account, *contract_fields(contract, contract.exchange), quantity, average_cost]


def portfolio_value(account, held, price_of):
    """The same with its value, as account updates tell it."""
    contract, price = held.contract, price_of(held.contract)
    values = (held.quantity, price, account.worth(held, price_of), held.average_cost)
    gain = account.unrealized(held, price_of)
    return [7, 8, *contract_fields(contract, contract.exchange), *values, gain, 0, account.name]


def account_value(account, tag, value, currency="USD"):
    """One value of the account."""
    return [6, 2, tag, value, currency, account]


def account_summary(request, account, tag, value, currency="USD"):
    """One value of the account, as asked for by tag."""
    return [63, 1, request, account, tag, value, currency]


def account_update_multi(request, account, tag, value, currency="USD"):
    """One value of the account, as asked for by account."""
    return [73, 1, request, account, "", tag, value, currency]


def order_status(order, status, filled, average):
    """What has become of an order: now, or when so much of it was filled."""
    return [
        *(3, order.order_id, status, filled, plus(order.quantity, -filled), average, order.perm_id),
        *(order.asked.get("parentId") or 0, order.last_price, order.client_id, "", 0),
    ]


def _echo(order):
    """Fields of an order that are as the client sent them, and those that the server knows better."""
    return {
        **order.asked,
        **order.contract.values(),
        "orderId": order.order_id,
        "clientId": order.client_id,
        "permId": order.perm_id,
        "totalQuantity": order.quantity,
        "tif": order.tif,
        "sharesAllocation": "",
        "algoStrategy": "",
        "scalePriceIncrement": "",
        **layouts.COUNTS,
    }


def open_order(version, order, **state):
    """An order that lives, or just did; ``state`` has its status, and the fields of a what-if answer."""
    values = {**_echo(order), "commissionCurrency": "USD", **state}
    return [5, *layouts.write(layouts.OPEN_ORDER, values, version)]


def completed_order(version, order):
    """An order that has ended."""
    values = {
        **_echo(order),
        "status": order.status,
        "filledQuantity": order.filled,
        "completedTime": order.completed_time,
        "completedStatus": order.completed_status,
    }
    return [101, *layouts.write(layouts.COMPLETED_ORDER, values, version)]


def execution(version, request, done, account):
    """A fill."""
    order = done.order
    values = {
        **order.contract.values(),
        "reqId": request,
        "orderId": order.order_id,
        "execId": done.exec_id,
        "time": done.time,
        "acctNumber": account,
        "execExchange": "ISLAND",
        "side": "BOT" if order.is_buy else "SLD",
        "shares": done.quantity,
        "price": done.price,
        "permId": order.perm_id,
        "clientId": order.client_id,
        "liquidation": 0,
        "cumQty": done.filled,
        "avgPrice": done.average,
        "orderRef": order.reference,
        "evMultiplier": "",
        "lastLiquidity": 2,
        "pendingPriceRevision": 0,
    }
    return [11, *layouts.write(layouts.EXECUTION, values, version)]


def commission_report(done):
    """What a fill cost, and what it realised."""
    return [59, 1, done.exec_id, done.commission, "USD", done.realized, "", ""]


def contract_details(version, request, contract):
    """What is known of a contract."""
    values = {
        **contract.values(),
        "version": 8,
        "reqId": request,
        "marketName": contract.trading_class,
        "minTick": contract.tick,
        "mdSizeMultiplier": 1,
        "orderTypes": "DAY,GTC,IOC,LMT,MKT,STP,STPLMT",
        "validExchanges": f"SMART,{contract.exchange}",
        "priceMagnifier": 1,
        "underConId": 0,
        "longName": contract.name or contract.symbol,
        "timeZoneId": "US/Eastern",
        "aggGroup": 1,
        "marketRuleIds": f"{CENTS_RULE},{CENTS_RULE}" if contract.tick == CENT else "",
        "stockType": "COMMON" if contract.sec_type == "STK" else "",
        "minSize": contract.step,
        "sizeIncrement": contract.step,
        "suggestedSizeIncrement": 100,
    }
    return [10, *layouts.write(layouts.CONTRACT_DETAILS, values, version)]


def symbol_samples(version, request, contracts):
    """Contracts whose names begin so."""
    fields = [79, request, len(contracts)]
    for contract in contracts:
        fields += [
            contract.con_id,
            contract.symbol,
            contract.sec_type,
            contract.exchange,
            contract.currency,
            0,
        ]
        fields += [contract.name, ""] if version >= 176 else []
    return fields


def ticks(request, quote, now, delayed):
    """All ticks of a quote, as frames."""
    kind = DELAYED if delayed else {tick: tick for tick in DELAYED}
    for tick, price, size in ((1, quote.bid, quote.bid_size), (2, quote.ask, quote.ask_size)):
        if price is None:
            yield [1, 6, request, kind[tick], -1, 0, 0]
        else:
            yield [1, 6, request, kind[tick], price, 100 if size is None else size, 0]
    if quote.last is not None:
        yield [1, 6, request, kind[4], quote.last, 100, 0]
        yield [46, 6, request, kind[45], int(now.timestamp())]
    yield [2, 6, request, kind[8], quote.volume]
