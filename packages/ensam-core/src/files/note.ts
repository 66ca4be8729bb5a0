/** A note, or one that is a doubt. */
export type Note = string | { readonly doubt: string };
