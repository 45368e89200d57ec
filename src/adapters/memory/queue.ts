import { BTree } from "./btree.js";

/**
 * Items by their places, the lowest first. No two have the same place. The first is kept apart: most queues have one item
 * only, which needs no tree, and a search reads the first item of many queues.
 */
export class Queue<T> {
  #firstPlace = Infinity;
  #first: T | undefined;
  #rest: InstanceType<typeof BTree<number, T>> | undefined;

  /** The lowest place; Infinity if the queue is empty. */
  get firstPlace(): number {
    return this.#firstPlace;
  }

  get first(): T | undefined {
    return this.#first;
  }

  add(place: number, item: T): void {
    const [later, next] = place < this.#firstPlace ? [this.#firstPlace, this.#first] : [place, item];
    if (place < this.#firstPlace) [this.#firstPlace, this.#first] = [place, item];
    if (next !== undefined) (this.#rest ??= new BTree<number, T>(undefined, inOrder)).set(later, next);
  }

  delete(place: number): void {
    if (place !== this.#firstPlace) {
      this.#rest?.delete(place);
      return;
    }
    const [next = Infinity, item] = this.#rest?.nextHigherPair(undefined) ?? [];
    [this.#firstPlace, this.#first] = [next, item];
    this.#rest?.delete(next);
  }

  /** The item with a place. */
  at(place: number): T | undefined {
    return place === this.#firstPlace ? this.#first : this.#rest?.get(place);
  }

  /** The next item after a place, and its place; undefined if there is none. */
  after(place: number): [place: number, item: T] | undefined {
    if (place < this.#firstPlace) return this.#first === undefined ? undefined : [this.#firstPlace, this.#first];
    return this.#rest?.nextHigherPair(place);
  }
}

function inOrder(a: number, b: number): number {
  return a - b;
}
