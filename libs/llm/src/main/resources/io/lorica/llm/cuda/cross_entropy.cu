// Cross-entropy over rows of logits (n, V), and its gradient in their place: loss = log Σ exp(x) - x[target],
// d x[i] = factor · (softmax(x)[i] - [i = target]). The sum is taken online
// (https://arxiv.org/abs/1805.02867), so a row is read once, written once, and read once more as
// far as shared memory does not keep it. One block a row.

#include "numeric.cuh"

constexpr int AHEAD = 4;  // independent loads of one thread

// The greatest of some logits, where it first stands, and Σ exp(x - greatest) over them.
struct Softmax {
    float greatest;
    float sum;
    int at;
};

DEVICE Softmax merge(Softmax a, Softmax b) {
    const bool first = a.greatest > b.greatest || (a.greatest == b.greatest && a.at < b.at);
    const Softmax high = first ? a : b;
    const Softmax low = first ? b : a;
    // Nothing on both sides: -inf - -inf would be NaN.
    const float factor = low.sum == 0 ? 0 : power2(LOG2_E * (low.greatest - high.greatest));
    return {high.greatest, high.sum + low.sum * factor, high.at};
}

DEVICE Softmax warpMerge(Softmax mine) {
#pragma unroll
    for (int distance = 16; distance > 0; distance /= 2) {
        mine = merge(
            mine,
            {__shfl_xor_sync(0xffffffffu, mine.greatest, distance),
             __shfl_xor_sync(0xffffffffu, mine.sum, distance),
             __shfl_xor_sync(0xffffffffu, mine.at, distance)});
    }
    return mine;
}

DEVICE Softmax blockMerge(Softmax mine) {
    __shared__ Softmax parts[32];
    mine = warpMerge(mine);
    if (threadIdx.x % 32 == 0) {
        parts[threadIdx.x / 32] = mine;
    }
    __syncthreads();
    return warpMerge(threadIdx.x % 32 < blockDim.x / 32 ? parts[threadIdx.x % 32] : Softmax{MINUS_INFINITY, 0, 0});
}

// Takes N logits more, the first of them at i.
template <int N> DEVICE void absorb(Softmax& mine, const float (&x)[N], int i) {
    float greatest = x[0];
    int at = 0;
#pragma unroll
    for (int j = 1; j < N; j++) {
        at = x[j] > greatest ? j : at;
        greatest = x[j] > greatest ? x[j] : greatest;
    }
    if (greatest > mine.greatest) {
        mine.sum *= power2(LOG2_E * (mine.greatest - greatest));
        mine.greatest = greatest;
        mine.at = i + at;
    }
    // Subtracted first, which is exact for neighbours; of logits that are all masked nothing is subtracted.
    const float base = mine.greatest == MINUS_INFINITY ? 0 : mine.greatest;
#pragma unroll
    for (int j = 0; j < N; j++) {
        mine.sum += power2(LOG2_E * (x[j] - base));
    }
}

// kept: shared memory for the row's first packs. Each thread finds there what it has put there itself.
template <class T, int N> DEVICE Softmax scan(const T* logits, int packs, Raw<T, N>* kept, int keptPacks) {
    Softmax mine = {MINUS_INFINITY, 0, 0};
    for (int base = threadIdx.x; base < packs; base += AHEAD * blockDim.x) {
        Raw<T, N> raw[AHEAD];
#pragma unroll
        for (int k = 0; k < AHEAD; k++) {
            const int i = base + k * blockDim.x;
            if (i < packs) {
                raw[k] = read<T, N>(logits + i * N);
            }
        }
#pragma unroll
        for (int k = 0; k < AHEAD; k++) {
            const int i = base + k * blockDim.x;
            if (i < packs) {
                if (i < keptPacks) {
                    kept[i] = raw[k];
                }
                float x[N];
                expand<T, N>(raw[k], x);
                absorb<N>(mine, x, i * N);
            }
        }
    }
    return mine;
}

template <class T, int N>
DEVICE void gradient(
    T* logits, int packs, const Raw<T, N>* kept, int keptPacks, float logSum, int target, float factor) {
    for (int i = threadIdx.x; i < packs; i += blockDim.x) {
        float x[N];
        expand<T, N>(i < keptPacks ? kept[i] : read<T, N>(logits + i * N), x);
#pragma unroll
        for (int j = 0; j < N; j++) {
            const float p = power2(LOG2_E * (x[j] - logSum));
            x[j] = factor * (i * N + j == target ? p - 1.0f : p);
        }
        store<T, N>(logits + i * N, x);
    }
}

template <class T, int N> DEVICE void clear(T* logits, int width) {
    const float zeros[N] = {};
    for (int i = threadIdx.x * N; i < width; i += blockDim.x * N) {
        store<T, N>(logits + i, zeros);
    }
}

// targets (n), negative where nothing is learned; weights (n), or null for ones: the row's part of the
// gradient; losses (n); hits (n): 1 where the greatest logit is the target's, 0 elsewhere.
template <class T, int N, bool GRADIENT>
DEVICE void crossEntropy(
    Rows<T> logits, const i64* targets, const float* weights, float* losses, float* hits, int width, int keptPacks,
    float factor) {
    extern __shared__ uint4 shared[];
    Raw<T, N>* kept = reinterpret_cast<Raw<T, N>*>(shared);
    T* row = logits[blockIdx.x];
    const i64 target = targets[blockIdx.x];
    if (target < 0) {
        if (threadIdx.x == 0) {
            losses[blockIdx.x] = 0;
            hits[blockIdx.x] = 0;
        }
        if (GRADIENT) {
            clear<T, N>(row, width);
        }
        return;
    }
    float wanted[1];
    load<T, 1>(row + target, wanted);
    const Softmax all = blockMerge(scan<T, N>(row, width / N, kept, keptPacks));
    const float logSum = all.greatest + logf(all.sum);
    if (threadIdx.x == 0) {
        losses[blockIdx.x] = logSum - wanted[0];
        hits[blockIdx.x] = all.at == target ? 1 : 0;
    }
    if (GRADIENT) {
        const float weighted = weights ? factor * weights[blockIdx.x] : factor;
        gradient<T, N>(row, width / N, kept, keptPacks, logSum, (int) target, weighted);
    }
}

#define INSTANCE(N, access)                                                                                            \
    KERNEL __launch_bounds__(1024) cross_entropy_##access(                                                             \
        Rows<Stored> logits, const i64* targets, float* losses, float* hits, int width) {                              \
        crossEntropy<Stored, N, false>(logits, targets, nullptr, losses, hits, width, 0, 0);                           \
    }                                                                                                                  \
    KERNEL __launch_bounds__(1024) cross_entropy_gradient_##access(                                                    \
        Rows<Stored> logits, const i64* targets, const float* weights, float* losses, float* hits, int width,          \
        int keptPacks, float factor) {                                                                                 \
        crossEntropy<Stored, N, true>(logits, targets, weights, losses, hits, width, keptPacks, factor);               \
    }

FOR_BOTH_ACCESSES(INSTANCE)
