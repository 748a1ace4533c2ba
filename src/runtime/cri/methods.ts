/** The calls of CRI v1 that pausewatch makes, as the generated services describe them. */
import type { Method } from '../grpc/call.ts';
import {
  type Container,
  ImageServiceDefinition as IMAGES_OF,
  type Image,
  type MessageFns,
  type PodSandbox,
  RuntimeServiceDefinition as RUNTIME_OF,
} from './generated/runtime/v1/cri.ts';
import type { List } from './list-calls.ts';

const { methods: runtime } = RUNTIME_OF;
const { methods: images } = IMAGES_OF;

/** Name and version of the runtime. */
export const VERSION = methodOf(RUNTIME_OF, runtime.version);
/** Conditions of the runtime and, when verbose, its configuration. */
export const RUNTIME_STATUS = methodOf(RUNTIME_OF, runtime.status);
/** One sandbox; when verbose, with the PID of its pause. */
export const SANDBOX_STATUS = methodOf(RUNTIME_OF, runtime.podSandboxStatus);
/** One container; when verbose, with the PID of its first process. */
export const CONTAINER_STATUS = methodOf(RUNTIME_OF, runtime.containerStatus);

/** Every sandbox there is a record of. */
export const SANDBOXES: List<PodSandbox> = {
  inParts: giving(methodOf(RUNTIME_OF, runtime.streamPodSandboxes), ({ podSandboxes }) => podSandboxes),
  whole: giving(methodOf(RUNTIME_OF, runtime.listPodSandbox), ({ items }) => items),
};

/** Every container there is a record of; pause is none. */
export const CONTAINERS: List<Container> = {
  inParts: giving(methodOf(RUNTIME_OF, runtime.streamContainers), ({ containers }) => containers),
  whole: giving(methodOf(RUNTIME_OF, runtime.listContainers), ({ containers }) => containers),
};

/** Every stored image. */
export const IMAGES: List<Image> = {
  inParts: giving(methodOf(IMAGES_OF, images.streamImages), ({ images: part }) => part),
  whole: giving(methodOf(IMAGES_OF, images.listImages), ({ images: whole }) => whole),
};

/** A method as the generated code describes it. */
interface MethodDefinition<Q, A> {
  readonly name: string;
  readonly requestType: MessageFns<Q>;
  readonly responseType: MessageFns<A>;
}

function methodOf<Q, A>({ fullName }: { readonly fullName: string }, method: MethodDefinition<Q, A>): Method<Q, A> {
  return {
    path: `/${fullName}/${method.name}`,
    encode: (request) => method.requestType.encode(request).finish(),
    decode: (message) => method.responseType.decode(message),
  };
}

/** The same method, of whose answer only one thing is wanted. */
function giving<Q, A, B>(method: Method<Q, A>, pick: (answer: A) => B): Method<Q, B> {
  return { ...method, decode: (message) => pick(method.decode(message)) };
}
