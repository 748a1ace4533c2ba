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

export const VERSION = methodOf(RUNTIME_OF, runtime.version);
export const STATUS = methodOf(RUNTIME_OF, runtime.status);
export const SANDBOX_STATUS = methodOf(RUNTIME_OF, runtime.podSandboxStatus);
export const CONTAINER_STATUS = methodOf(RUNTIME_OF, runtime.containerStatus);

export const SANDBOXES: List<PodSandbox> = {
  inParts: giving(methodOf(RUNTIME_OF, runtime.streamPodSandboxes), ({ podSandboxes }) => podSandboxes),
  whole: giving(methodOf(RUNTIME_OF, runtime.listPodSandbox), ({ items }) => items),
};

export const CONTAINERS: List<Container> = {
  inParts: giving(methodOf(RUNTIME_OF, runtime.streamContainers), ({ containers }) => containers),
  whole: giving(methodOf(RUNTIME_OF, runtime.listContainers), ({ containers }) => containers),
};

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
