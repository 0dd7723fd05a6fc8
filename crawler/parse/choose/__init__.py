"""Which blocks are the article: features, surroundings, and the judgement over them."""
