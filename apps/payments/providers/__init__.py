"""Payment providers: what each must be able to do, what it says, and which there are."""

from apps.payments.providers.capabilities import Amounts, Capabilities, RefundsTold
from apps.payments.providers.errors import (
    BadSignature,
    NoTransactions,
    NotUnderstood,
    PaymentGone,
    ProviderDown,
    ProviderRefused,
    ProviderUnfit,
    ProviderUnknown,
)
from apps.payments.providers.provider import Instruction, PaymentRequest, Provider, RefundRequest, Started
from apps.payments.providers.registered import (
    all_providers,
    disconnect_all,
    missing_providers,
    page_origins,
    provider_named,
    providers_for,
    refuse_unfit,
    register,
)
from apps.payments.providers.reports import (
    DisputeReport,
    Meaning,
    OwnRefundReport,
    RefundReport,
    Report,
    Webhook,
    WebhookCall,
)
from apps.payments.providers.transactions import Transaction, TransactionKind, understood, uuid_in

__all__ = [
    "Amounts",
    "BadSignature",
    "Capabilities",
    "DisputeReport",
    "Instruction",
    "Meaning",
    "NoTransactions",
    "NotUnderstood",
    "OwnRefundReport",
    "PaymentGone",
    "PaymentRequest",
    "Provider",
    "ProviderDown",
    "ProviderRefused",
    "ProviderUnfit",
    "ProviderUnknown",
    "RefundReport",
    "RefundRequest",
    "RefundsTold",
    "Report",
    "Started",
    "Transaction",
    "TransactionKind",
    "Webhook",
    "WebhookCall",
    "all_providers",
    "disconnect_all",
    "missing_providers",
    "page_origins",
    "provider_named",
    "providers_for",
    "refuse_unfit",
    "register",
    "understood",
    "uuid_in",
]
