/** Whoever logs out locks their conversations on this device: what opens the keyset goes, the device itself stays. */

const DATABASE = "balie-keyring";
const KEYSETS = "keysets";
/** Another tab may hold it; nobody is kept from logging out. */
const WITHIN_MS = 1000;

export async function forgetKeysets(): Promise<void> {
  const late = new Promise<void>((resolve) => setTimeout(resolve, WITHIN_MS));
  await Promise.race([cleared().catch(() => {}), late]);
}

function cleared(): Promise<void> {
  return new Promise((resolve, reject) => {
    const opening = indexedDB.open(DATABASE);
    // There is none: this browser has no keys, and needs no empty database.
    opening.onupgradeneeded = () => opening.transaction?.abort();
    opening.onerror = () => reject(opening.error);
    opening.onsuccess = () => {
      const clearing = opening.result.transaction(KEYSETS, "readwrite");
      clearing.objectStore(KEYSETS).clear();
      clearing.oncomplete = () => resolve();
      clearing.onabort = () => reject(clearing.error);
    };
  });
}
