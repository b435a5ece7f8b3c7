"""The order book as kernels over one ``state.Book`` tuple.

``orders`` says what a message does; ``match``, ``queue`` and ``ladder`` are its parts, from trades to
price levels; ``tape`` runs a whole flow, ``call`` one message at a time, ``depth`` looks. They can be
called from a user's own compiled code.
"""
