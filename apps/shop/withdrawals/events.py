"""What the apps above are told about withdrawals."""

from uuid import UUID

import msgspec


class OrderWithdrawn(msgspec.Struct, frozen=True):
    """A fan has withdrawn from an order, or from a part of it."""

    order_id: UUID
    withdrawal_id: UUID


class WithdrawalRefused(msgspec.Struct, frozen=True):
    order_id: UUID
    withdrawal_id: UUID
