"""manage.py payments"""

from apps.payments.reconciliation.console import payments

__all__ = ["payments"]
