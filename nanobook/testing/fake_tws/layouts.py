"""The long messages field by field, and from which to which server version each field is there.

A layout is a tuple of (first version, last version, names). Names are those of IB's own interface.
``read_order`` and ``write`` are all that knows how to walk one.
"""

from functools import lru_cache

from .wire import ProtocolError

NOW = 999  # no version has dropped it

CONTRACT = (
    "conId symbol secType lastTradeDateOrContractMonth strike right multiplier exchange primaryExchange "
    "currency localSymbol tradingClass"
)
BRIEF = CONTRACT.replace("primaryExchange ", "")  # as answers give a contract

PLACE_ORDER = (
    (
        0,
        NOW,
        f"orderId {CONTRACT} secIdType secId action totalQuantity orderType lmtPrice auxPrice tif ocaGroup "
        "account openClose origin orderRef transmit parentId blockOrder sweepToFill displaySize "
        "triggerMethod outsideRth hidden sharesAllocation discretionaryAmt goodAfterTime goodTillDate "
        "faGroup faMethod faPercentage",
    ),
    (0, 176, "faProfile"),
    (
        0,
        NOW,
        "modelCode shortSaleSlot designatedLocation exemptCode ocaType rule80A settlingFirm allOrNone minQty "
        "percentOffset eTradeOnly firmQuoteOnly nbboPriceCap auctionStrategy startingPrice stockRefPrice "
        "delta stockRangeLower stockRangeUpper overridePercentageConstraints volatility volatilityType "
        "deltaNeutralOrderType deltaNeutralAuxPrice continuousUpdate referencePriceType trailStopPrice "
        "trailingPercent scaleInitLevelSize scaleSubsLevelSize scalePriceIncrement scaleTable "
        "activeStartTime activeStopTime hedgeType optOutSmartRouting clearingAccount clearingIntent notHeld "
        "deltaNeutralContract algoStrategy algoId whatIf orderMiscOptions solicited randomizeSize "
        "randomizePrice conditions adjustedOrderType triggerPrice lmtPriceOffset adjustedStopPrice "
        "adjustedStopLimitPrice adjustedTrailingAmount adjustableTrailingUnit extOperator "
        "softDollarTierName softDollarTierVal cashQty mifid2DecisionMaker mifid2DecisionAlgo "
        "mifid2ExecutionTrader mifid2ExecutionAlgo dontUseAutoPriceForHedge isOmsContainer "
        "discretionaryUpToLimitPrice usePriceMgmtAlgo",
    ),
    (158, NOW, "duration"),
    (160, NOW, "postToAts"),
    (162, NOW, "autoCancelParent"),
    (166, NOW, "advancedErrorOverride"),
    (169, NOW, "manualOrderTime"),
)
"""What a client sends to place or change an order."""

BRANCHES = (
    *("deltaNeutralOrderType", "scalePriceIncrement", "hedgeType", "deltaNeutralContract"),
    *("algoStrategy", "conditions"),
)
"""Fields which, if they are set, are followed by more; no order that is served here sets them."""

NOT_SERVED = (
    *("ocaGroup", "parentId", "goodAfterTime", "discretionaryAmt", "allOrNone", "minQty", "cashQty"),
    *("percentOffset", "trailStopPrice", "trailingPercent", "adjustedOrderType"),
)
"""Fields that change how an order works, and which would be lost here: an order that sets them is refused."""
UNSET = ("", "0", "0.0")

OPEN_ORDER = (
    (
        0,
        NOW,
        f"orderId {BRIEF} action totalQuantity orderType lmtPrice auxPrice tif ocaGroup account openClose "
        "origin orderRef clientId permId outsideRth hidden discretionaryAmt goodAfterTime sharesAllocation "
        "faGroup faMethod faPercentage",
    ),
    (0, 176, "faProfile"),
    (
        0,
        NOW,
        "modelCode goodTillDate rule80A percentOffset settlingFirm shortSaleSlot designatedLocation "
        "exemptCode auctionStrategy startingPrice stockRefPrice delta stockRangeLower stockRangeUpper "
        "displaySize blockOrder sweepToFill allOrNone minQty ocaType eTradeOnly firmQuoteOnly nbboPriceCap "
        "parentId triggerMethod volatility volatilityType deltaNeutralOrderType deltaNeutralAuxPrice "
        "continuousUpdate referencePriceType trailStopPrice trailingPercent basisPoints basisPointsType "
        "comboLegsDescrip comboLegs orderComboLegs smartComboRoutingParams scaleInitLevelSize "
        "scaleSubsLevelSize scalePriceIncrement hedgeType optOutSmartRouting clearingAccount clearingIntent "
        "notHeld deltaNeutralContract algoStrategy solicited whatIf status initMarginBefore "
        "maintMarginBefore equityWithLoanBefore initMarginChange maintMarginChange equityWithLoanChange "
        "initMarginAfter maintMarginAfter equityWithLoanAfter commission minCommission maxCommission "
        "commissionCurrency warningText randomizeSize randomizePrice conditions adjustedOrderType "
        "triggerPrice adjustedTrailStopPrice lmtPriceOffset adjustedStopPrice adjustedStopLimitPrice "
        "adjustedTrailingAmount adjustableTrailingUnit softDollarTierName softDollarTierVal "
        "softDollarTierDisplayName cashQty dontUseAutoPriceForHedge isOmsContainer "
        "discretionaryUpToLimitPrice usePriceMgmtAlgo",
    ),
    (158, NOW, "duration"),
    (160, NOW, "postToAts"),
    (162, NOW, "autoCancelParent"),
    (170, NOW, "minTradeQty minCompeteSize competeAgainstBestOffset midOffsetAtWhole midOffsetAtHalf"),
)
"""An order as the server tells it while it lives (message 5)."""

COMPLETED_ORDER = (
    (
        0,
        NOW,
        f"{BRIEF} action totalQuantity orderType lmtPrice auxPrice tif ocaGroup account openClose origin "
        "orderRef permId outsideRth hidden discretionaryAmt goodAfterTime faGroup faMethod faPercentage",
    ),
    (0, 176, "faProfile"),
    (
        0,
        NOW,
        "modelCode goodTillDate rule80A percentOffset settlingFirm shortSaleSlot designatedLocation "
        "exemptCode startingPrice stockRefPrice delta stockRangeLower stockRangeUpper displaySize "
        "sweepToFill allOrNone minQty ocaType triggerMethod volatility volatilityType deltaNeutralOrderType "
        "deltaNeutralAuxPrice continuousUpdate referencePriceType trailStopPrice trailingPercent "
        "comboLegsDescrip comboLegs orderComboLegs smartComboRoutingParams scaleInitLevelSize "
        "scaleSubsLevelSize scalePriceIncrement hedgeType clearingAccount clearingIntent notHeld "
        "deltaNeutralContract algoStrategy solicited status randomizeSize randomizePrice conditions "
        "adjustedTrailStopPrice lmtPriceOffset cashQty dontUseAutoPriceForHedge isOmsContainer "
        "autoCancelDate filledQuantity refFuturesConId autoCancelParent shareholder imbalanceOnly "
        "routeMarketableToBbo parentPermId completedTime completedStatus",
    ),
    (170, NOW, "minTradeQty minCompeteSize competeAgainstBestOffset midOffsetAtWhole midOffsetAtHalf"),
)
"""An order as the server tells it when it has ended (message 101): no order id, no client."""

CONTRACT_DETAILS = (
    (0, 163, "version"),
    (
        0,
        NOW,
        "reqId symbol secType lastTradeDateOrContractMonth strike right exchange currency localSymbol "
        "marketName tradingClass conId minTick",
    ),
    (0, 163, "mdSizeMultiplier"),
    (
        0,
        NOW,
        "multiplier orderTypes validExchanges priceMagnifier underConId longName primaryExchange "
        "contractMonth industry category subcategory timeZoneId tradingHours liquidHours evRule "
        "evMultiplier secIds aggGroup underSymbol underSecType marketRuleIds realExpirationDate stockType",
    ),
    (163, 163, "suggestedSizeIncrement"),
    (164, NOW, "minSize sizeIncrement suggestedSizeIncrement"),
)
"""What is known of a contract (message 10)."""

EXECUTION = (
    (
        0,
        NOW,
        f"reqId orderId {BRIEF} execId time acctNumber execExchange side shares price permId clientId "
        "liquidation cumQty avgPrice orderRef evRule evMultiplier modelCode lastLiquidity",
    ),
    (178, NOW, "pendingPriceRevision"),
)
"""A fill (message 11)."""

COUNTS = {
    "comboLegs": 0,
    "orderComboLegs": 0,
    "smartComboRoutingParams": 0,
    "deltaNeutralContract": 0,
    "conditions": 0,
    "secIds": 0,
    "evMultiplier": 0,
}
"""How many parts follow: never empty on the wire, and none here."""


class NotServed(ProtocolError):
    """An order of a kind that is not served here; ``args[0]`` says which."""


@lru_cache
def names_of(layout, version):
    """Names of the fields of a layout, in order, at a server version."""
    return tuple(name for first, last, names in layout if first <= version <= last for name in names.split())


def read_order(fields, version):
    """Give the fields of a request to place an order by name.

    Raises
    ------
    NotServed
        It is of a kind that is not served.
    ProtocolError
        There are more fields, or fewer, than the version has.
    """
    names = names_of(PLACE_ORDER, version)
    values = dict(zip(names, fields, strict=False))
    if values.get("secType") == "BAG":
        raise NotServed("combinations")
    for name in names:
        if name in BRANCHES and values.get(name, "") not in UNSET:
            raise NotServed(name)
    if len(fields) != len(names):
        raise ProtocolError(f"{len(fields)} fields where version {version} has {len(names)}")
    for name in NOT_SERVED:
        if values[name] not in UNSET:
            raise NotServed(name)
    if values["transmit"] == "0":
        raise NotServed("orders that are not transmitted")
    return values


def write(layout, values, version):
    """Give the fields of a message in order; what is not given is empty, or no part."""
    return [values.get(name, COUNTS.get(name, "")) for name in names_of(layout, version)]
