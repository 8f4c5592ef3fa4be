// Show the runs that hold every word that was typed.
(() => {
  const field = document.getElementById("filter"), count = document.getElementById("count");
  const cards = [...document.querySelectorAll("article")].map(card => [card, card.textContent.toLowerCase()]);
  const filter = () => {
    const words = field.value.toLowerCase().split(/\s+/).filter(Boolean);
    let shown = 0;
    for (const [card, text] of cards) {
      card.hidden = !words.every(word => text.includes(word));
      shown += !card.hidden;
    }
    count.textContent = `${shown} of ${cards.length}`;
  };
  field.addEventListener("input", filter);
  filter();
})();
