/** The children of each node of a tree, as linked lists: a node changes its parent without a search. */
export interface ChildLists {
  add(parent: number, node: number): void;
  remove(parent: number, node: number): void;
  /** Visits a node and all below it, parents before their children. */
  walk(top: number, visit: (node: number) => void): void;
}

const NONE = -1;

/** No children yet, for nodes numbered from 0. */
export function createChildLists(nodes: number): ChildLists {
  const first = new Int32Array(nodes).fill(NONE);
  const next = new Int32Array(nodes).fill(NONE);
  const before = new Int32Array(nodes).fill(NONE);
  const stack: number[] = [];
  return {
    add: (parent, node) => {
      const head = first[parent] ?? NONE;
      next[node] = head;
      before[node] = NONE;
      if (head !== NONE) before[head] = node;
      first[parent] = node;
    },
    remove: (parent, node) => {
      const [left, right] = [before[node] ?? NONE, next[node] ?? NONE];
      if (left === NONE) first[parent] = right;
      else next[left] = right;
      if (right !== NONE) before[right] = left;
    },
    walk: (top, visit) => {
      stack.push(top);
      for (let node = stack.pop(); node !== undefined; node = stack.pop()) {
        visit(node);
        for (let child = first[node] ?? NONE; child !== NONE; child = next[child] ?? NONE)
          stack.push(child);
      }
    },
  };
}
