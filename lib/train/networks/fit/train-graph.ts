import { encodeModel } from '../../../onnx/encode-model.ts'
import { makeGraph } from '../../../onnx/graph.ts'
import { ADAM, type AdamOptions, adamStep } from '../../autodiff/adam.ts'
import { mask } from '../../autodiff/elementwise.ts'
import { LOSS, type LossOptions, maskedLoss } from '../../autodiff/losses.ts'
import { makeTape, sizeOf } from '../../autodiff/tape.ts'
import { declareInputs, type Input, type Network, type Scope } from '../net/network.ts'
import { decayMask, type Layout, layoutOf, trainableWeights } from '../net/weights.ts'

/** A graph that makes one training step, and what to feed it. */
export interface TrainGraph {
  /**
   * Inputs: P, M, V [n]; rate, correction, decay; y and weight [B, heads]; the network’s inputs;
   * one mask per dropout. Outputs: loss and norm (before the step), nextP, nextM, nextV.
   */
  model: Uint8Array
  layout: Layout
  masks: readonly Input[]
}

interface TrainGraphOptions {
  batch: number
  /** Adds dropout masks as inputs. */
  dropout: boolean
  loss?: Partial<LossOptions>
  adam?: Partial<AdamOptions>
}

/** Emits forward, loss, backward, clipping and Adam as one graph with a fixed batch. */
export function trainGraph(network: Network, options: TrainGraphOptions): TrainGraph {
  const graph = makeGraph('train')
  const tape = makeTape(graph)
  const layout = layoutOf(network.parameters)
  const [P, M, V] = ['P', 'M', 'V'].map(name => graph.input(name, [layout.size])) as [
    string,
    string,
    string,
  ]
  const labels = [options.batch, network.heads.length]
  const [y, weight] = ['y', 'weight'].map(name => graph.input(name, labels)) as [string, string]
  const masks: Input[] = []
  const scope: Scope = {
    tape,
    batch: options.batch,
    weights: trainableWeights(graph, layout, P),
    drop(x, name, shape) {
      if (!options.dropout) return x
      masks.push({ name: `mask.${name}`, shape })
      return mask(tape, x, { name: graph.input(`mask.${name}`, shape), shape, fixed: true })
    },
  }
  const out = network.forward(scope, declareInputs(scope, network.inputs))
  const kinds = network.heads.map(head => head.kind)
  const { loss, gradient } = maskedLoss(graph, { z: out.name, y, weight }, kinds, {
    ...LOSS,
    ...options.loss,
  })
  graph.emit('Identity', [loss], ['loss'])
  graph.output('loss', [])
  const gradientOf = tape.backward(out, gradient)
  const flat = network.parameters.map(({ name, shape }) => {
    const found = gradientOf(scope.weights.value(name))
    if (found === undefined) throw new Error(`the loss does not depend on ${name}`)
    return shape.length === 1 ? found : graph.op('Reshape', [found, graph.ints([sizeOf(shape)])])
  })
  const G = graph.op('Concat', flat, { axis: 0 })
  const decayed = graph.floats(decayMask(layout), [layout.size])
  adamStep(graph, { P, M, V, G, decayed }, layout.size, { ...ADAM, ...options.adam })
  return { model: encodeModel(graph), layout, masks }
}
