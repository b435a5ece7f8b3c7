"""The books of all symbols of a market-data feed, kept from its messages.

``apply`` says what a message does; ``references`` finds the order that it names; ``watch`` notes what is
wrong with the feed; ``ahead`` asks for memory before it is needed; ``record`` shows a book after every
message; ``keep`` lists and rearranges. Levels and queues are those of ``kernels.book``.
"""
