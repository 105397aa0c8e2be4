// Rotary positions (https://arxiv.org/abs/2104.09864) on the heads at the front of each token's row,
// queries and keys of a joined projection (T, (H + 2K)·D): pair i of a head is its elements i and i + D/2, as
// Llama and Qwen have them. The backward pass turns the other way. One block a token, so that its angles stay
// in the nearest cache.

#include "numeric.cuh"

// to may be from. positions (T), or null where token t has row t of the angles; cosines, sines (P, D/2);
// direction 1 or -1.
template <class T, int N>
DEVICE void rotate(
    Rows<const T> from, Rows<T> to, const i64* positions, const float* cosines, const float* sines, int heads, int half,
    float direction) {
    const size_t angle = (size_t) (positions ? positions[blockIdx.x] : blockIdx.x) * half;
    const int packs = half / N;
    const T* source = from[blockIdx.x];
    T* target = to[blockIdx.x];
    for (int item = threadIdx.x; item < heads * packs; item += blockDim.x) {
        const int head = item / packs;
        const int i = (item - head * packs) * N;
        const int at = head * 2 * half + i;
        float a[N], b[N];
        load<T, N>(source + at, a);
        load<T, N>(source + at + half, b);
#pragma unroll
        for (int j = 0; j < N; j++) {
            const float cosine = __ldg(cosines + angle + i + j);
            const float sine = direction * __ldg(sines + angle + i + j);
            const float x = a[j];
            a[j] = x * cosine - b[j] * sine;
            b[j] = b[j] * cosine + x * sine;
        }
        store<T, N>(target + at, a);
        store<T, N>(target + at + half, b);
    }
}

#define INSTANCE(N, access)                                                                                            \
    KERNEL __launch_bounds__(512) rotary_##access(                                                                     \
        Rows<const Stored> from, Rows<Stored> to, const i64* positions, const float* cosines, const float* sines,      \
        int heads, int half, float direction) {                                                                        \
        rotate<Stored, N>(from, to, positions, cosines, sines, heads, half, direction);                                \
    }

FOR_BOTH_ACCESSES(INSTANCE)
