/**
 * Whoever asks: a simulated user, a person with prompts, a recorded log, a remote client.
 *
 * @template Question  what is asked in one interaction: all prompts so far
 * @template Answer    what a model says to it
 */
export interface User<Question, Answer> {
  /** The next question, after the last answer was seen; undefined when there is none left. */
  ask(): Question | undefined | Promise<Question | undefined>;
  /** Shows the answer to the last question. */
  see(answer: Answer): void;
}

/** A user who knows how many questions there will be. */
export interface CountedUser<Question, Answer> extends User<Question, Answer> {
  readonly rounds: number;
}

/** A user whose questions are known beforehand, such as a person's prompts in a file; the answers change nothing. */
export function scriptedUser<Question>(questions: readonly Question[]): CountedUser<Question, unknown> {
  let next = 0;
  return { rounds: questions.length, ask: () => questions[next++], see: () => undefined };
}

/**
 * Lets a user and a model answer each other until the user has no more questions: the one loop of training, validation,
 * simulation and use (ENSAM §2.4).
 *
 * @param model  a trained model, a container, a box filler; in training it also goes backward before it answers
 * @returns      the last answer; undefined where nothing was asked
 */
export async function interact<Question, Answer>(
  user: User<Question, Answer>,
  model: (question: Question) => Promise<Answer>,
): Promise<Answer | undefined> {
  let answer: Answer | undefined;
  for (let question = await user.ask(); question !== undefined; question = await user.ask()) {
    answer = await model(question);
    user.see(answer);
  }
  return answer;
}
