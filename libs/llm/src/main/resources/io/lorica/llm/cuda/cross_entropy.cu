// Cross-entropy over rows of logits (n, V), and its gradient in their place: loss = log Σ exp(x) - x[target],
// d x[i] = factor · (softmax(x)[i] - [i = target]). The sum is taken online
// (https://arxiv.org/abs/1805.02867), so a row is read twice and written once. One block a row.

#include "numeric.cuh"

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

template <class T, int N> DEVICE Softmax scan(const T* logits, int width) {
    Softmax mine = {MINUS_INFINITY, 0, 0};
    for (int i = threadIdx.x * N; i < width; i += blockDim.x * N) {
        float x[N];
        load<T, N>(logits + i, x);
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
    return mine;
}

template <class T, int N> DEVICE void gradient(T* logits, int width, float logSum, int target, float factor) {
    for (int i = threadIdx.x * N; i < width; i += blockDim.x * N) {
        float x[N];
        load<T, N>(logits + i, x);
#pragma unroll
        for (int j = 0; j < N; j++) {
            const float p = power2(LOG2_E * (x[j] - logSum));
            x[j] = factor * (i + j == target ? p - 1.0f : p);
        }
        store<T, N>(logits + i, x);
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
    Rows<T> logits, const i64* targets, const float* weights, float* losses, float* hits, int width, float factor) {
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
    const Softmax all = blockMerge(scan<T, N>(row, width));
    const float logSum = all.greatest + logf(all.sum);
    if (threadIdx.x == 0) {
        losses[blockIdx.x] = logSum - wanted[0];
        hits[blockIdx.x] = all.at == target ? 1 : 0;
    }
    if (GRADIENT) {
        gradient<T, N>(row, width, logSum, (int) target, weights ? factor * weights[blockIdx.x] : factor);
    }
}

#define INSTANCE(N, access)                                                                                            \
    KERNEL __launch_bounds__(1024) cross_entropy_##access(                                                             \
        Rows<Stored> logits, const i64* targets, float* losses, float* hits, int width) {                              \
        crossEntropy<Stored, N, false>(logits, targets, nullptr, losses, hits, width, 0);                              \
    }                                                                                                                  \
    KERNEL __launch_bounds__(1024) cross_entropy_gradient_##access(                                                    \
        Rows<Stored> logits, const i64* targets, const float* weights, float* losses, float* hits, int width,          \
        float factor) {                                                                                                \
        crossEntropy<Stored, N, true>(logits, targets, weights, losses, hits, width, factor);                          \
    }

FOR_BOTH_ACCESSES(INSTANCE)
