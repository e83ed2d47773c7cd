"""Invoices in the back office."""

from apps.invoices.admin.invoices import InvoiceAdmin as InvoiceAdmin
from apps.invoices.admin.orders import OrderWithInvoicesAdmin as OrderWithInvoicesAdmin
