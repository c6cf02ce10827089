"""Making the weights: corpus, tokenizer, pre-training, tuning, linear model."""
