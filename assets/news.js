// Asks the studio whether there is news, and presses a hidden button when there is: only then Gradio has to go through its
// components. Its own timer does that at every tick, in the browser and in the program, on the computer that also teaches.
() => {
  const EVERY = 700; // milliseconds
  const { root, api_prefix } = window.gradio_config;
  // one session for all pages: without one, Gradio would make a new one for each question, of all its components
  const body = JSON.stringify({ data: [], session_hash: "news" });
  const question = { method: "POST", headers: { "Content-Type": "application/json" }, body };
  let told; // the news that the page has been told

  const ask = async (button) => {
    let news = null; // nobody answers: then Gradio shall find out, too, and wait for the studio to come back
    try {
      news = (await (await fetch(`${root}${api_prefix}/run/news`, question)).json()).data[0];
    } catch {}
    if (news === told && news !== null) return;
    // a list that a person has open hears of them later
    window.lineasListOpen = !!document.querySelector("[role=combobox][aria-expanded=true]");
    told = window.lineasListOpen ? undefined : news;
    button.click();
  };
  const again = async () => {
    const button = document.getElementById("news"); // it has no text before the page is open, with what its person had written
    if (!document.hidden && button?.textContent.trim()) await ask(button);
    setTimeout(again, EVERY);
  };
  again();
};
