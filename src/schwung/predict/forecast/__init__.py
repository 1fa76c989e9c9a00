"""The forecast of new customers, orders and revenue: by cohort and in total, with intervals that held in backtests."""
