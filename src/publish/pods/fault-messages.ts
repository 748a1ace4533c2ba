/** What the sources said of what they could not show, each sentence once: of five calls that failed alike one would say it all. */
import type { SourceFault } from '../../core/model.ts';
import type { SourceView } from '../../core/report.ts';

/** A sentence, and how often it was true. */
export interface FaultMessage {
  readonly text: string;
  /** Different questions that were answered so. */
  readonly calls: number;
  /** Times that the one question was answered so. */
  readonly count: number;
}

/** As much of a source as is told here. */
export interface FaultySource {
  readonly source: SourceView['source'];
  readonly up: boolean;
  readonly faults: readonly Pick<SourceFault, 'code' | 'subject' | 'message' | 'count'>[];
}

/** Every sentence, in the order in which they were first said. */
export function listFaultMessages(sources: readonly FaultySource[]): readonly FaultMessage[] {
  const bySentence = new Map<string, { text: string; count: number; subjects: Set<string> }>();
  for (const { subject, message, count } of sources.flatMap(({ faults }) => faults)) {
    const sentence = withoutCall(message, subject);
    const told = bySentence.get(sentence);
    if (told === undefined) bySentence.set(sentence, { text: message, count, subjects: new Set([subject]) });
    else {
      told.text = told.subjects.has(subject) ? told.text : sentence;
      told.count = Math.max(told.count, count);
      told.subjects.add(subject);
    }
  }
  return [...bySentence.values()].map(({ text, count, subjects }) => ({ text, count, calls: subjects.size }));
}

/** "unix:///run/x.sock: nobody listens" of "Version at unix:///run/x.sock: nobody listens". */
function withoutCall(message: string, subject: string): string {
  const call = `${subject} at `;
  return message.startsWith(call) ? message.slice(call.length) : message;
}

/** A sentence for a person, with how often it was true. */
export function describeFault({ text, calls, count }: FaultMessage): string {
  if (calls > 1) return `${text} (${calls} calls alike)`;
  return count > 1 ? `${text} (${count} alike)` : text;
}
