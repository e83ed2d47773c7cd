"""The catalogue's lists in Django REST framework, on the same tables: a peer to be measured beside.

Written as its documentation advises: unmanaged models, annotations instead of queries in a loop, select_related and
prefetch_related, keyset pages, JSON only, no authentication, connections from a pool that stays.
"""
