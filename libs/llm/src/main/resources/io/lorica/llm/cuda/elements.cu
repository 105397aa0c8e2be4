// Element by element from one type to another: y = factor · x, or added to what y holds. STORAGE is the type
// of x.

#include "numeric.cuh"

constexpr int THREADS = 256;
constexpr int STEPS = 2;

// Eight elements of either width.
template <class T> DEVICE void loadEight(const T* from, float (&x)[8]) {
    if constexpr (sizeof(T) == 4) {
        load<T, 4>(from, reinterpret_cast<float(&)[4]>(x[0]));
        load<T, 4>(from + 4, reinterpret_cast<float(&)[4]>(x[4]));
    } else {
        load<T, 8>(from, x);
    }
}

template <class T> DEVICE void storeEight(T* to, const float (&x)[8]) {
    if constexpr (sizeof(T) == 4) {
        store<T, 4>(to, reinterpret_cast<const float(&)[4]>(x[0]));
        store<T, 4>(to + 4, reinterpret_cast<const float(&)[4]>(x[4]));
    } else {
        store<T, 8>(to, x);
    }
}

template <class To, bool ADD> DEVICE void one(const Stored* x, To* y, float factor) {
    float value[1], sum[1];
    load<Stored, 1>(x, value);
    value[0] *= factor;
    if (ADD) {
        load<To, 1>(y, sum);
        value[0] += sum[0];
    }
    store<To, 1>(y, value);
}

template <class To, bool ADD> DEVICE void single(const Stored* x, To* y, u64 start, u64 count, float factor) {
    const u64 end = min(count, start + THREADS * STEPS * 8);
    for (u64 i = start + threadIdx.x; i < end; i += THREADS) {
        one<To, ADD>(x + i, y + i, factor);
    }
}

template <class To, bool ADD> DEVICE void wide(const Stored* x, To* y, u64 start, u64 count, float factor) {
    if (start + THREADS * STEPS * 8 > count) {
        single<To, ADD>(x, y, start, count, factor);
        return;
    }
    float value[STEPS][8], sum[STEPS][8];
#pragma unroll
    for (int k = 0; k < STEPS; k++) {
        const u64 at = start + (k * THREADS + threadIdx.x) * 8;
        loadEight(x + at, value[k]);
        if (ADD) {
            loadEight(y + at, sum[k]);
        }
    }
#pragma unroll
    for (int k = 0; k < STEPS; k++) {
#pragma unroll
        for (int j = 0; j < 8; j++) {
            value[k][j] = factor * value[k][j] + (ADD ? sum[k][j] : 0.0f);
        }
        storeEight(y + start + (k * THREADS + threadIdx.x) * 8, value[k]);
    }
}

#define INSTANCE(To, access)                                                                                           \
    KERNEL __launch_bounds__(THREADS) scale_to_##To##_##access(const Stored* x, To* y, u64 count, float factor) {      \
        access<To, false>(x, y, (u64) blockIdx.x * THREADS * STEPS * 8, count, factor);                                \
    }                                                                                                                  \
    KERNEL __launch_bounds__(THREADS) accumulate_to_##To##_##access(const Stored* x, To* y, u64 count, float factor) { \
        access<To, true>(x, y, (u64) blockIdx.x * THREADS * STEPS * 8, count, factor);                                 \
    }

#define FOR_BOTH(To) INSTANCE(To, wide) INSTANCE(To, single)

FOR_BOTH(f32)
FOR_BOTH(f16)
FOR_BOTH(bf16)
