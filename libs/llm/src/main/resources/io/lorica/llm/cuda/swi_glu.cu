// SwiGLU (https://arxiv.org/abs/2002.05202) on the joined outputs of the gate's and the up projection, (N,
// 2·I): gate in the first half of a row, up in the second. y = silu(gate) · up with silu(x) = x · σ(x). One
// thread a pack.

#include "numeric.cuh"

// 32 bits count packs quickly and, the host checks, far enough; single elements may be more.
template <int N> struct Counter { typedef u32 type; };
template <> struct Counter<1> { typedef u64 type; };

template <class T, int N> DEVICE void forward(Rows<const T> joined, Rows<T> y, i64 rows, int width) {
    typedef typename Counter<N>::type Count;
    const Count packs = width / N;
    const Count item = (Count) blockIdx.x * blockDim.x + threadIdx.x;
    if (item >= (Count) rows * packs) {
        return;
    }
    const Count row = item / packs;
    const int i = (int) (item - row * packs) * N;
    float gate[N], up[N];
    load<T, N>(joined[row] + i, gate);
    load<T, N>(joined[row] + width + i, up);
#pragma unroll
    for (int j = 0; j < N; j++) {
        gate[j] *= sigmoid(gate[j]) * up[j];
    }
    store<T, N>(y[row] + i, gate);
}

// d_gate = dy · up · σ · (1 + gate · (1 - σ)), d_up = dy · gate · σ; they may go where gate and up are. y, or null,
// gets the forward pass's result once more, for whoever kept only its input; it may be dy.
template <class T, int N>
DEVICE void backward(Rows<const T> joined, Rows<const T> dy, Rows<T> gradients, Rows<T> y, i64 rows, int width) {
    typedef typename Counter<N>::type Count;
    const Count packs = width / N;
    const Count item = (Count) blockIdx.x * blockDim.x + threadIdx.x;
    if (item >= (Count) rows * packs) {
        return;
    }
    const Count row = item / packs;
    const int i = (int) (item - row * packs) * N;
    float gate[N], up[N], d[N], product[N];
    load<T, N>(joined[row] + i, gate);
    load<T, N>(joined[row] + width + i, up);
    load<T, N>(dy[row] + i, d);
#pragma unroll
    for (int j = 0; j < N; j++) {
        const float s = sigmoid(gate[j]);
        const float silu = gate[j] * s;
        product[j] = silu * up[j];
        gate[j] = d[j] * up[j] * s * (1.0f + gate[j] - silu);
        up[j] = d[j] * silu;
    }
    store<T, N>(gradients[row] + i, gate);
    store<T, N>(gradients[row] + width + i, up);
    if (y.first) {
        store<T, N>(y[row] + i, product);
    }
}

#define INSTANCE(N, access)                                                                                            \
    KERNEL __launch_bounds__(256) swi_glu_##access(Rows<const Stored> joined, Rows<Stored> y, i64 rows, int width) {   \
        forward<Stored, N>(joined, y, rows, width);                                                                    \
    }                                                                                                                  \
    KERNEL __launch_bounds__(256) swi_glu_backward_##access(                                                           \
        Rows<const Stored> joined, Rows<const Stored> dy, Rows<Stored> gradients, Rows<Stored> y, i64 rows,            \
        int width) {                                                                                                   \
        backward<Stored, N>(joined, dy, gradients, y, rows, width);                                                    \
    }

FOR_BOTH_ACCESSES(INSTANCE)
