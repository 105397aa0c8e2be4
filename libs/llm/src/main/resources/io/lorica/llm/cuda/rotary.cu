// Rotary positions (https://arxiv.org/abs/2104.09864) in place on the heads at the front of each token's row,
// queries and keys of a joined projection (T, (H + 2K)·D): pair i of a head is its elements i and i + D/2, as
// Llama and Qwen have them. The backward pass turns the other way. One block a token, so that its angles stay
// in the nearest cache.

#include "numeric.cuh"

// positions (T), or null where token t has row t of the angles; cosines, sines (P, D/2); direction 1 or -1.
template <class T, int N>
DEVICE void rotate(
    Rows<T> joined, const i64* positions, const float* cosines, const float* sines, int heads, int half,
    float direction) {
    const size_t angle = (size_t) (positions ? positions[blockIdx.x] : blockIdx.x) * half;
    const int packs = half / N;
    T* token = joined[blockIdx.x];
    for (int item = threadIdx.x; item < heads * packs; item += blockDim.x) {
        const int head = item / packs;
        const int i = (item - head * packs) * N;
        T* first = token + head * 2 * half + i;
        T* second = first + half;
        float a[N], b[N];
        load<T, N>(first, a);
        load<T, N>(second, b);
#pragma unroll
        for (int j = 0; j < N; j++) {
            const float cosine = __ldg(cosines + angle + i + j);
            const float sine = direction * __ldg(sines + angle + i + j);
            const float x = a[j];
            a[j] = x * cosine - b[j] * sine;
            b[j] = b[j] * cosine + x * sine;
        }
        store<T, N>(first, a);
        store<T, N>(second, b);
    }
}

#define INSTANCE(N, access)                                                                                            \
    KERNEL __launch_bounds__(512) rotary_##access(                                                                     \
        Rows<Stored> joined, const i64* positions, const float* cosines, const float* sines, int heads, int half,      \
        float direction) {                                                                                             \
        rotate<Stored, N>(joined, positions, cosines, sines, heads, half, direction);                                  \
    }

FOR_BOTH_ACCESSES(INSTANCE)
