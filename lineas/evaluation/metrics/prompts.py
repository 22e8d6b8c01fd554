"""Neutral prompts for evaluations: everyday subjects that do not ask for any style."""

QUESTIONS = (
    "Tell me about your day.",
    "How do I cook rice?",
    "Describe the place where you live.",
    "What should I do on a rainy afternoon?",
    "Tell me a story about a dog.",
    "How does a bicycle work?",
    "What do you think about music?",
    "Give me some advice about saving money.",
    "What happened in the kitchen this morning?",
    "Why do people travel?",
    "Describe a good friend.",
    "What is a library for?",
    "How was the journey to work?",
    "What can I plant in a small garden?",
    "Tell me about the weather.",
    "What should I bring to a picnic?",
)
"""Prompts for chat models."""
BEGINNINGS = (
    "This morning I",
    "The best way to cook rice is",
    "In the town where I live,",
    "On a rainy afternoon we",
    "There was once a dog that",
    "A bicycle is",
    "When I hear music, I",
    "To save some money, you",
    "In the kitchen my sister",
    "People travel because",
    "A good friend is someone who",
    "In the library there",
    "On the way to work he",
    "In a small garden you can",
    "The weather today",
    "For the picnic they brought",
)
"""Prompts for models that continue a text."""
