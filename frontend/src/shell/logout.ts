/** Forms that log out lock this device first. What does that is loaded only then. */

export function lockBeforeLogout(): void {
  document.addEventListener("submit", (event) => {
    const form = event.target as HTMLFormElement;
    if (!("logout" in form.dataset)) return;
    event.preventDefault();
    void import("./logging_out.ts")
      .then(({ forgetKeysets }) => forgetKeysets())
      .catch(() => {})
      .finally(() => form.submit());
  });
}
