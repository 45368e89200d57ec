/** A symbol of the safety code. */
export interface SafetySymbol {
  emoji: string;
  /** Its name in English, such as `fox`: for screen readers, and to translate it by. */
  name: string;
}

/** 64 symbols that are easy to tell apart, as pictures and as words. Their order is part of the protocol. */
const LIST =
  "🐶dog 🐱cat 🐭mouse 🐰rabbit 🦊fox 🐻bear 🐼panda 🦁lion 🐮cow 🐷pig 🐸frog 🐵monkey 🐔chicken 🐧penguin 🦉owl 🐴horse " +
  "🐝bee 🦋butterfly 🐌snail 🐢turtle 🐍snake 🐙octopus 🦀crab 🐟fish 🐳whale 🐘elephant 🐪camel 🌵cactus 🌲tree 🍀clover 🍄mushroom 🌻sunflower " +
  "🌙moon ⭐star ☀️sun 🌈rainbow 🔥fire ⛄snowman 🍎apple 🍌banana 🍇grapes 🍓strawberry 🍋lemon 🥕carrot 🌽corn 🍕pizza 🎂cake 🍦ice-cream " +
  "⚽football 🎸guitar 🥁drum 🎈balloon 🚗car 🚲bicycle ✈️airplane 🚀rocket ⛵sailboat 🏠house ⏰clock 🔑key ✂️scissors ☂️umbrella 🎩hat 💎diamond";

export const SYMBOLS: readonly SafetySymbol[] = LIST.split(" ").map((entry) => {
  const [, emoji = "", name = ""] = /^([^a-z]+)(.+)$/.exec(entry) ?? [];
  return { emoji, name: name.replace("-", " ") };
});
