"""What price does to demand, learnt from history: elasticities and forecasts."""
