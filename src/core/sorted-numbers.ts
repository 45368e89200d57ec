/** Numbers in order, each as often as it was added. Those above one are counted without a look at the rest. */
export class SortedNumbers {
  readonly #numbers: number[] = [];

  add(number: number): void {
    this.#numbers.splice(this.#placeAfter(number), 0, number);
  }

  /** Takes a number out once; without effect when it is not there. */
  remove(number: number): void {
    const place = this.#placeAfter(number) - 1;
    if (this.#numbers[place] === number) this.#numbers.splice(place, 1);
  }

  countAbove(number: number): number {
    return this.#numbers.length - this.#placeAfter(number);
  }

  /** Behind the last that is not above the number. */
  #placeAfter(number: number): number {
    let [from, to] = [0, this.#numbers.length];
    while (from < to) {
      const middle = (from + to) >> 1;
      if ((this.#numbers[middle] ?? Infinity) <= number) from = middle + 1;
      else to = middle;
    }
    return from;
  }
}
