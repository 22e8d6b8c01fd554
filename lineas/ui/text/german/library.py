"""Sentences of the library that the pages show, by what the library writes: progress, warnings about sentences, and verdicts.

``{name}`` stands for anything, which is translated, too, if it is known. A sentence that is not here is shown in English.
"""

import re
from functools import cache
from string import Formatter

_KNOWN = {
    # loading a model
    "Starting …": "Es geht los …",
    "Loading {model} …": "{model} wird geladen …",
    "the built-in model": "das eingebaute Modell",
    "Fetching {model}, once ({size} MB) …": "{model} wird einmal heruntergeladen ({size} MB) …",
    "Fetching {name} on Hugging Face …": "{name} wird von Hugging Face geholt …",
    "Fetching {name} on Hugging Face … {done} of {of} MB": "{name} wird von Hugging Face geholt … {done} von {of} MB",
    "Looking up {name} on Hugging Face …": "{name} wird auf Hugging Face nachgeschlagen …",
    "Waiting for another LinEAS that is fetching {model} …": "Ein anderes LinEAS lädt gerade {model} herunter …",
    "Preparing the built-in model, once (about 20 seconds) …": "Das eingebaute Modell wird einmal vorbereitet (etwa 20 Sekunden) …",
    "Unpacking the model …": "Das Modell wird ausgepackt …",
    # why there is no model
    "Could not load {model}. {why}": "{model} ließ sich nicht laden. {why}",
    "There is no model to work with. {why}": "Es ist kein Modell da. {why}",
    "No model is loaded. Load one on the Model page first.": (
        "Es ist kein Modell geladen. Lade zuerst eines auf der Seite „Modell“."
    ),
    "Hugging Face cannot be reached, and the model {name} is not on this computer yet. Check the internet connection. {advice}": (
        "Hugging Face ist nicht zu erreichen, und das Modell {name} ist noch nicht auf diesem Computer. Prüf die "
        "Internetverbindung. {advice}"
    ),
    "There is no model {name} on Hugging Face (or it is private: then run 'hf auth login' once on this computer), and no folder of "
    "that name here. Check the spelling.": (
        "Auf Hugging Face gibt es kein Modell {name} (oder es ist privat: Führ dann auf diesem Computer einmal „hf auth login“ "
        "aus), und hier keinen Ordner mit diesem Namen. Prüf die Schreibweise."
    ),
    "The model {name} is only for people who accepted its licence. Open {url}, accept it, then run 'hf auth login' once on this "
    "computer. {advice}": (
        "Das Modell {name} bekommt nur, wer seiner Lizenz zugestimmt hat. Öffne {url}, stimm zu, und führ dann auf diesem Computer "
        "einmal „hf auth login“ aus. {advice}"
    ),
    "{name} is not the name of a model. A model is 'default', a name on Hugging Face like 'Qwen/Qwen2.5-0.5B-Instruct', a folder, "
    "or a .gguf file.": (
        "{name} ist kein Name eines Modells. Ein Modell ist „default“, ein Name auf Hugging Face wie "
        "„Qwen/Qwen2.5-0.5B-Instruct“, ein Ordner oder eine .gguf-Datei."
    ),
    "The built-in model works without internet: choose 'default'.": "Das eingebaute Modell braucht kein Internet: Wähl „default“.",
    "The models on the list work without internet.": "Die Modelle in der Liste brauchen kein Internet.",
    "The computer ran out of memory. Close other programs, use fewer or shorter sentences, or choose a smaller model. What was "
    "saved before is not lost.": (
        "Der Arbeitsspeicher reicht nicht. Schließ andere Programme, nimm weniger oder kürzere Sätze, oder wähl ein kleineres "
        "Modell. Was schon gespeichert ist, geht nicht verloren."
    ),
    "The graphics card ran out of memory. Close other programs that use the card, use fewer or shorter sentences, or choose a "
    "smaller model. What was saved before is not lost.": (
        "Der Speicher der Grafikkarte reicht nicht. Schließ andere Programme, die sie benutzen, nimm weniger oder kürzere Sätze, "
        "oder wähl ein kleineres Modell. Was schon gespeichert ist, geht nicht verloren."
    ),
    # while it learns
    "Getting ready.": "Gleich geht es los.",
    "Waiting for its turn.": "Es wartet, bis es dran ist.",
    "Reading the sentences: {done} of {of}.": "Die Sätze werden gelesen: {done} von {of}.",
    "Step {step} of {of}.": "Schritt {step} von {of}.",
    "Stopping after this step.": "Es hält nach diesem Schritt an.",
    "Measuring the result.": "Das Ergebnis wird gemessen.",
    # the health check
    "Looking at your examples …": "Deine Beispiele werden angesehen …",
    "Training a judge on your examples …": "Ein Gutachter lernt deine Beispiele …",
    "Trying several strengths …": "Mehrere Stärken werden ausprobiert …",
    "Asking other questions at the best one …": "Bei der besten Stärke werden andere Fragen gestellt …",
    "Asking them at a lower one …": "Bei einer niedrigeren Stärke werden sie noch einmal gestellt …",
    # verdicts
    "At strength {strength}": "Bei Stärke {strength}",
    "With its instruction and at strength {strength}": "Mit seiner Anweisung und bei Stärke {strength}",
    "an independent judge's score rises from {before} to {after}": "der Wert eines unabhängigen Gutachters steigt von {before} "
    "auf {after}",
    "your target sentences become {fall} nats a token easier for the model": (
        "deine Sätze rechts werden für das Modell um {fall} Nats pro Token leichter"
    ),
    "{at}, {found}, and the answers keep to the question {kept} as well as the plain ones.": (
        "{at}: {found}, und die Antworten bleiben zu {kept} so gut bei der Frage wie die unveränderten."
    ),
    "{at}, {found}, but the answers keep to the question only {kept} as well as the plain ones. "
    "Use a lower strength, or examples on more subjects.": (
        "{at}: {found}, aber die Antworten bleiben nur zu {kept} so gut bei der Frage wie die unveränderten. Nimm weniger Stärke, "
        "oder Beispiele zu mehr Themen."
    ),
    "{at}, {found}, but the answers repeat themselves: {repeated} more of their text than of the plain answers'. "
    "Use a lower strength, or more varied examples.": (
        "{at}: {found}, aber die Antworten wiederholen sich: {repeated} mehr von ihrem Text als bei den unveränderten. Nimm "
        "weniger Stärke, oder vielfältigere Beispiele."
    ),
    "{at} there is little of your style in answers to neutral questions: {found}. Add examples that show the style more clearly, "
    "or make the two sides differ more in style and less in topic.": (
        "{at} ist in Antworten auf neutrale Fragen wenig von deinem Stil zu merken: {found}. Ergänze Beispiele, die den Stil "
        "deutlicher zeigen, oder lass die beiden Seiten sich mehr im Stil und weniger im Thema unterscheiden."
    ),
    "{at} the answers fall apart: their fluency is {fluency} of the plain answers'. Use more, and more varied, examples.": (
        "{at} zerfallen die Antworten: Ihr Sprachfluss ist {fluency} von dem der unveränderten. Nimm mehr und vielfältigere "
        "Beispiele."
    ),
    "{at}, {empty} of the answers are empty. Use more, and more varied, examples.": (
        "{at} sind {empty} der Antworten leer. Nimm mehr und vielfältigere Beispiele."
    ),
    "Both sides hold the same sentences, so there is nothing to learn from them.": (
        "Auf beiden Seiten stehen dieselben Sätze, also gibt es daraus nichts zu lernen."
    ),
    "The model can hardly read your target sentences: they look like words in no order. Steering towards them breaks the text. Use "
    "whole sentences.": (
        "Das Modell kann deine Sätze rechts kaum lesen: Sie sehen aus wie Wörter ohne Ordnung. Sie machen den Text kaputt. "
        "Nimm ganze Sätze."
    ),
    "Your two sides are too much alike: the side of a sentence can be told in {share} of pairs, and guessing gives 50%. Put "
    "sentences on the target side that sound clearly different.": (
        "Deine beiden Seiten sind sich zu ähnlich: In {share} der Paare lässt sich sagen, von welcher Seite ein Satz stammt; "
        "Raten ergäbe 50 %. Schreib rechts Sätze, die deutlich anders klingen."
    ),
    # pictures
    "“Pictures as they are”": "„Bilder, wie sie sind“",
    "“Pictures as you want them”": "„Bilder, wie du sie willst“",
    "Write at least one prompt first: what should the picture show?": (
        "Schreib zuerst mindestens eine Bildbeschreibung: Was soll auf dem Bild zu sehen sein?"
    ),
    "Choose a concept first. If yours is not in the list any more, teach it again below.": (
        "Wähl zuerst ein Konzept. Steht deines nicht mehr in der Liste, dann bring es ihm unten noch einmal bei."
    ),
    "{name} is being taught already. Wait until it is done, or cancel it.": (
        "{name} wird ihm schon beigebracht. Warte, bis es fertig ist, oder brich es ab."
    ),
    "{name} holds no text-to-image model: a folder of one has a file model_index.json. Choose another folder.": (
        "In {name} ist kein Modell, das zeichnet: Zu so einem Ordner gehört eine Datei model_index.json. Wähl einen anderen Ordner."
    ),
    "The picture model {name} cannot be loaded ({why}). Check its name and the connection, or use 'small', the model that comes "
    "with the program.": (
        "Das Bildmodell {name} lässt sich nicht laden ({why}). Prüf den Namen und die Verbindung, oder nimm „small“, das "
        "eingebaute Modell."
    ),
    "{steps} steps cannot be drawn. Give a whole number from 1 to {most}.": (
        "{steps} Schritte lassen sich nicht zeichnen. Gib eine ganze Zahl von 1 bis {most} an."
    ),
    "A guidance of {guidance} cannot be used. Give a number from 0, which is none, to 30.": (
        "Eine Guidance von {guidance} geht nicht. Gib eine Zahl von 0 (keine) bis 30 an."
    ),
    "The model {name} is being loaded. Wait until it is there.": (
        "Das Modell {name} wird gerade geladen. Warte, bis es da ist."
    ),
    "{name} was begun on the model {model}. Load that one first, under “Larger models”, and continue it then.": (
        "{name} wurde mit dem Modell {model} begonnen. Lade zuerst dieses, unter „Größere Modelle“, und mach dann weiter."
    ),
    "{name} was made for {one} and does not fit {other}: it steers {site} with {count} values, and this model {found}. Load "
    "{same}, or teach the concept again on this model.": (
        "{name} gehört zum Modell {one} und passt nicht zu {other}: Es steuert dort {site} mit {count} Werten, und dieses Modell "
        "{found}. Lade {same}, oder bring das Konzept diesem Modell noch einmal bei."
    ),
    "has no such part": "hat keinen solchen Teil",
    "has {count} there": "hat dort {count}",
    "{name} is a concept for text: add it on the page My concepts. Nothing was changed.": (
        "{name} ist ein Konzept für Text: Füg es auf der Seite „Meine Konzepte“ hinzu. Es wurde nichts geändert."
    ),
    "{name} is a concept for pictures: add it on the page Pictures. Nothing was changed.": (
        "{name} ist ein Konzept für Bilder: Füg es auf der Seite „Bilder“ hinzu. Es wurde nichts geändert."
    ),
    # warnings below the boxes
    "“How it talks now”": "„So redet es jetzt“",
    "“How you want it to talk”": "„So soll es reden“",
    "both": "beiden Feldern",
    "{side} has no sentences. A concept is the difference between two lists, so both are needed: put at least {few} sentences "
    "there, one per line; {enough} or more work better.": (
        "In {side} steht kein Satz. Ein Konzept ist der Unterschied zwischen zwei Listen, deshalb braucht es beide: Schreib "
        "mindestens "
        "{few} Sätze hinein, einen pro Zeile; ab {enough} geht es besser."
    ),
    "Your examples do not differ: {a} and {b} hold the same {count} sentence{s}, such as “{text}”. There is nothing to learn from "
    "that. Put sentences in the style that you want into {c}.": (
        "Deine Beispiele unterscheiden sich nicht: In {a} und {b} steht dasselbe (gleiche Sätze: {count}), zum Beispiel „{text}“. "
        "Daraus gibt es nichts zu lernen. Schreib Sätze in dem Stil, den du willst, in {c}."
    ),
    "“{text}” stands on both sides. What is on both sides weakens the concept. Delete it from the side that it does not fit.": (
        "„{text}“ steht auf beiden Seiten. Was auf beiden Seiten steht, schwächt das Konzept. Lösch es da, wo es nicht passt."
    ),
    "“{text}” (and {count} other sentence{s}) stand on both sides. What is on both sides weakens the concept. Delete it from the "
    "side that it does not fit.": (
        "„{text}“ (und noch {count}) steht auf beiden Seiten. Was auf beiden Seiten steht, schwächt das Konzept. Lösch es da, "
        "wo es nicht passt."
    ),
    "{a} has {many} different sentence{s}, {b} has {few}": "Verschiedene Sätze: {many} in {a}, {few} in {b}",
    "{figures}; at least {least} a side are needed. With fewer, chance decides what is learned. Add sentences to {where}; {enough} "
    "or more a side work better.": (
        "{figures}. Mindestens {least} pro Seite sind nötig; mit weniger entscheidet der Zufall, was gelernt wird. Ergänze "
        "Sätze in "
        "{where}; ab {enough} pro Seite geht es besser."
    ),
    "{figures}. It will train, but with fewer than {enough} a side the topics of your sentences are easily taken for the concept. "
    "Add more on various topics; 32 a side are plenty.": (
        "{figures}. Lernen wird es, aber unter {enough} pro Seite hält es leicht die Themen deiner Sätze für das Konzept. Ergänze "
        "welche zu anderen Themen; 32 pro Seite reichen gut."
    ),
    "{figures}. The lists need not be equally long, but the short one decides how well the concept is known. Add sentences to "
    "{side}.": (
        "{figures}. Gleich lang müssen die Listen nicht sein, aber die kurze entscheidet, wie gut das Konzept bekannt ist. Ergänze "
        "Sätze in {side}."
    ),
    "The sentences in {side} are very short: a typical one has {count} word{s}, as in “{text}”. So few words show little of a "
    "style. "
    "Use whole sentences of 5 to 25 words.": (
        "Die Sätze in {side} sind sehr kurz, zum Beispiel „{text}“. So wenige Wörter zeigen wenig von einem Stil. Nimm ganze Sätze "
        "mit 5 bis 25 Wörtern."
    ),
    "The sides differ in length: a typical sentence has {high} words in {longer} and {low} in {shorter}. Length then becomes "
    "part of "
    "the concept. Unless that is what you want, bring the lengths closer.": (
        "Die Seiten sind verschieden lang: Ein typischer Satz hat {high} Wörter in {longer} und {low} in {shorter}. Die Länge "
        "gehört dann zum Konzept. Willst du das nicht, mach die Sätze beider Seiten etwa gleich lang."
    ),
    "The sides differ in topic: “{word}” is in {often} of {there} sentences in {side}, and in {seldom} of {where} in {other}. "
    "Topics "
    "are learned with the style. Unless that word is what you want to teach, write about various things on both sides.": (
        "Die Seiten haben verschiedene Themen: „{word}“ kommt in {often} von {there} Sätzen in {side} vor, und in {seldom} von "
        "{where} "
        "in {other}. Themen werden mitgelernt. Soll es nicht gerade dieses Wort lernen, schreib auf beiden Seiten über "
        "Verschiedenes."
    ),
    "The sides differ in punctuation: {words}. Punctuation then becomes part of the concept. Unless that is what you want, end the "
    "sentences on both sides alike.": (
        "Die Seiten haben verschiedene Satzzeichen: {words}. Sie gehören dann zum Konzept. Willst du das nicht, beende die "
        "Sätze auf beiden Seiten gleich."
    ),
    "The sides differ in capitals: {words}. Capitals then become part of the concept. Unless that is what you want, write both "
    "sides "
    "alike.": (
        "Die Seiten sind verschieden groß und klein geschrieben: {words}. Das gehört dann zum Konzept. Willst du das nicht, "
        "schreib beide Seiten gleich."
    ),
    "{many} of {there} {habit} in “How it talks now”, {few} of {where} in “How you want it to talk”": (
        "{many} von {there} {habit} in „So redet es jetzt“, {few} von {where} in „So soll es reden“"
    ),
    "end in a full stop": "enden mit einem Punkt",
    "end in a question mark": "enden mit einem Fragezeichen",
    "end in an exclamation mark": "enden mit einem Ausrufezeichen",
    "end in three dots": "enden mit drei Punkten",
    "end without any punctuation": "enden ohne Satzzeichen",
    "are in capitals throughout": "bestehen aus Großbuchstaben",
    "begin with a small letter": "beginnen klein",
    "{count} sentence{s} of {of} in {side} will be cut after {tokens} tokens (about {words} words), such as “{text}”. What comes "
    "behind is not learned from. Split or shorten.": (
        "{count} von {of} Sätzen in {side} werden nach {tokens} Token (etwa {words} Wörtern) abgeschnitten, zum Beispiel "
        "„{text}“. Was "
        "danach kommt, wird nicht gelernt. Teile oder kürze sie."
    ),
}


_OWN_WORDS = ("text", "word", "name")
"""Names of what a person wrote, which stays as it is."""


def from_library(sentence: str) -> str:
    """A sentence that the library wrote, in German if it is known."""
    if sentence in _KNOWN:
        return _KNOWN[sentence]
    for pattern, german in _patterns():
        if found := pattern.fullmatch(sentence):
            parts = {name: text if name in _OWN_WORDS else _part(text) for name, text in found.groupdict().items()}
            said = german.format(**parts)
            return said[:1].upper() + said[1:]
    return sentence


def _part(text: str) -> str:
    """A part of a sentence: a number, or a sentence again."""
    if re.fullmatch(r"-?[\d,.]*\d%?", text):
        return text.translate(str.maketrans(",.", ".,")).replace("%", "\u00a0%")
    return from_library(text)


@cache
def _patterns() -> list[tuple[re.Pattern[str], str]]:
    """What the templates with names match, and what they become: those with the most words first, since a part matches anything,
    also the rest of a longer sentence."""
    templates = [([*Formatter().parse(english)], german) for english, german in _KNOWN.items()]
    found = []
    for pieces, german in sorted(templates, key=lambda template: -sum(len(text) for text, *_ in template[0])):
        parts = [(re.escape(text), name) for text, name, _, _ in pieces]
        if any(name for _, name in parts):
            # "s" is the letter of a plural, or nothing
            wanted = (
                text + ("" if not name else f"(?P<{name}>{'s?' if name == 's' else '.+?'})") for text, name in parts
            )
            found.append((re.compile("".join(wanted), re.DOTALL), german))
    return found
