import { afterEach, expect, test, vi } from "vitest";
import { chosenPalette, keepPalette } from "../pictures/colours";
import { chooseLocalIdentity, localIdentity } from "../sign-in/local";
import { chosenTheme } from "./theme";

afterEach(() => vi.unstubAllGlobals());

function storage(): Storage {
  const texts = new Map<string, string>();
  return {
    getItem: (name: string) => texts.get(name) ?? null,
    setItem: (name: string, text: string) => void texts.set(name, text),
    removeItem: (name: string) => void texts.delete(name),
  } as Storage;
}

function refusing(): Storage {
  const refuse = () => {
    throw new DOMException("The operation is insecure.", "SecurityError");
  };
  return { getItem: refuse, setItem: refuse, removeItem: refuse } as unknown as Storage;
}

test("what is chosen is kept in the browser", () => {
  const place = storage();
  vi.stubGlobal("localStorage", place);
  expect(chosenPalette()).toBe("ncbi");
  keepPalette("safe");
  expect(place.getItem("picture-colours")).toBe("safe");
  expect(chosenPalette()).toBe("safe");
});

test.each([
  ["throws in use", { value: refusing() }],
  [
    "throws when it is named",
    {
      get: () => {
        throw new DOMException("The document is sandboxed.", "SecurityError");
      },
    },
  ],
])("a storage that %s costs only that nothing outlives the page", (_, forbidden) => {
  const before = Object.getOwnPropertyDescriptor(globalThis, "localStorage");
  Object.defineProperty(globalThis, "localStorage", { ...forbidden, configurable: true });
  try {
    keepPalette("ncbi");
    expect(chosenPalette()).toBe("ncbi");
    keepPalette("safe");
    expect(chosenPalette()).toBe("safe");
    expect(chosenTheme()).toBe("auto");
    const identity = chooseLocalIdentity("anna");
    expect(localIdentity()?.name).toBe("anna");
    identity.leave();
    expect(localIdentity()).toBeNull();
  } finally {
    Reflect.deleteProperty(globalThis, "localStorage");
    if (before) Object.defineProperty(globalThis, "localStorage", before);
  }
});
