import type { App } from "./app.ts";
import { server } from "./connection.ts";
import { element, make } from "./panel.ts";

/** What comes out of the page as files, and the label map that goes in. */
export interface Files {
  exportLabels(): void;
  /** For another image: the formats that its label map can have. */
  begin(): void;
}

export function openFiles(app: App): Files {
  function exportLabels(): void {
    download(server.exportAddress("labels", element<HTMLSelectElement>("format").value));
  }

  function download(address: string): void {
    // Behind what waits, so that the file holds it.
    void app.answered().then(() => {
      make("a", { href: address, download: "" }).click();
      app.say("saved to the browser's downloads");
    });
  }

  element("exportPrompts").addEventListener("click", () => download(server.exportAddress("prompts")));
  element("exportMarkups").addEventListener("click", () => download(server.exportAddress("markups")));
  const file = element<HTMLInputElement>("startFile");
  element("startFrom").addEventListener("click", () => file.click());
  file.addEventListener("change", () => {
    const [chosen] = file.files ?? [];
    if (chosen !== undefined) void app.startFrom(chosen);
    file.value = "";
  });

  return {
    exportLabels,
    begin() {
      element("format").replaceChildren(
        ...app.state.image.formats.map((name) => make("option", { value: name }, `.${name}`)),
      );
    },
  };
}
