"""Withdrawals from the contract: fans send merch back within the period of the law, and staff see to the return."""
