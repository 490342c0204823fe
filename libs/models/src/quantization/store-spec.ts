/** How the weights of the frozen linear modules lie in memory. */
export type StoreSpec = { readonly kind: 'nf4'; readonly doubleQuantization: boolean };
