"""Money: the price book, budgets, and the ledger of holds, charges and refunds."""
