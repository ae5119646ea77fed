"""The backend of O.D.I.N.

``python -m app`` is the API, ``python -m app.monitor`` the monitor beside it.
"""
