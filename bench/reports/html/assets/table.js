// Tables that sort by a click on a heading, and rows that the filters hide.
"use strict";

function sortValue(row, column) {
  const { dataset, textContent } = row.cells[column];
  const key = dataset.key ?? textContent;
  return key === "" || Number.isNaN(Number(key)) ? null : Number(key);
}

// Numbers before texts, what is absent last in both directions.
function compareRows(column, sign) {
  return (one, other) => {
    const [a, b] = [sortValue(one, column), sortValue(other, column)];
    if (a !== null && b !== null) return sign * (a - b);
    if (a !== null || b !== null) return a === null ? 1 : -1;
    const [s, t] = [one.cells[column].textContent, other.cells[column].textContent];
    if ((s === "-") !== (t === "-")) return s === "-" ? 1 : -1;
    return sign * s.localeCompare(t, "en", { numeric: true });
  };
}

function sortBy(table, column) {
  const heads = [...table.tHead.rows[0].cells];
  const up = heads[column].getAttribute("aria-sort") !== "ascending";
  heads.forEach((head) => head.setAttribute("aria-sort", "none"));
  heads[column].setAttribute("aria-sort", up ? "ascending" : "descending");
  const body = table.tBodies[0];
  body.append(...[...body.rows].sort(compareRows(column, up ? 1 : -1)));
}

for (const table of document.querySelectorAll("table.sortable")) {
  const heads = [...table.tHead.rows[0].cells];
  heads.forEach((head, column) => {
    head.querySelector("button").addEventListener("click", () => sortBy(table, column));
  });
  // On a phone a row is a card, whose cells say what they are.
  for (const row of table.tBodies[0].rows) {
    [...row.cells].forEach((cell, column) => (cell.dataset.title = heads[column].textContent));
  }
}

function hideRows() {
  for (const row of document.querySelectorAll("table.sortable tbody tr")) {
    row.hidden = !passing.has(Number(row.dataset.row));
  }
  const groups = new Set([...passing].map((place) => rows[place].group));
  for (const answer of document.querySelectorAll("[data-group]")) {
    answer.hidden = !groups.has(rows[Number(answer.dataset.group)].group);
  }
}
