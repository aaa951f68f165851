// Tables that sort by a click on a heading, and rows that the filters hide.
"use strict";

function sortValue(row, column) {
  const cell = row.cells[column];
  return cell.dataset.sort === undefined ? null : Number(cell.dataset.sort);
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
  [...table.tHead.rows[0].cells].forEach((head, column) => {
    head.querySelector("button").addEventListener("click", () => sortBy(table, column));
  });
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
