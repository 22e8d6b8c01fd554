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
HEALTH_QUESTIONS = (
    "How can I fall asleep more easily?",
    "What makes a good breakfast?",
    "Tell me about a walk in the park.",
    "How do I clean a window?",
    "Why is it good to read books?",
    "Describe a market on a Saturday morning.",
)
"""Prompts for chat models, among whose answers the health check chooses a strength; no page and no benchmark shows them."""
HEALTH_BEGINNINGS = (
    "Last night I could not sleep, so",
    "For breakfast she",
    "In the park yesterday",
    "To clean a window, you",
    "Reading books is",
    "At the market on Saturday",
)
"""The same for models that continue a text."""
VERDICT_QUESTIONS = (
    "How does rain form?",
    "What should I do when I have lost my keys?",
    "Tell me about your favourite room.",
    "How do I wrap a present?",
    "What is a good way to learn a language?",
    "Describe a bus ride through the town.",
    "Why do people keep cats?",
    "What can I do with old newspapers?",
    "Tell me what you did last summer.",
    "How do I make tea?",
)
"""Prompts for chat models, whose answers decide the verdict: none of them chose the strength, which would flatter it."""
VERDICT_BEGINNINGS = (
    "Rain falls when",
    "When he lost his keys, he",
    "My favourite room is",
    "To wrap a present, you",
    "To learn a language, it helps to",
    "The bus drove through the town, and",
    "People keep cats because",
    "Old newspapers can be",
    "Last summer we",
    "To make tea,",
)
"""The same for models that continue a text."""
