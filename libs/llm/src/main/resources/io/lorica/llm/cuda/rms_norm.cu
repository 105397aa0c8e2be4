// RMSNorm (https://arxiv.org/abs/1910.07467), y = x / rms(x) · g with rms(x) = √(mean(x²) + ε), alone and
// together with the sum of a residual stream before it. One block a row; a row of up to 512 · KEEP packs is
// read once and stays in registers.

#include "numeric.cuh"

constexpr int KEEP = 2;

// Calls work(k, i) for each pack i of the row that this thread has: k < KEEP for the packs whose registers it
// keeps.
#define EACH_KEPT(i, k) \
    _Pragma("unroll") for (int k = 0, i = threadIdx.x; k < KEEP; k++, i += blockDim.x) if (i < packs)
#define EACH_OTHER(i) for (int i = threadIdx.x + KEEP * blockDim.x; i < packs; i += blockDim.x)

template <int N> DEVICE float squares(const float (&x)[N]) {
    float sum = 0;
#pragma unroll
    for (int j = 0; j < N; j++) {
        sum += x[j] * x[j];
    }
    return sum;
}

template <class T, int N> DEVICE void normalize(Raw<T, N> raw, const T* gain, T* y, float scale) {
    float x[N], g[N];
    expand<T, N>(raw, x);
    load<T, N>(gain, g);
#pragma unroll
    for (int j = 0; j < N; j++) {
        x[j] *= scale * g[j];
    }
    store<T, N>(y, x);
}

// The sum as it is stored: what follows must see the rounded values, as whoever reads them back will.
template <class T, int N> DEVICE Raw<T, N> add(Raw<T, N> one, Raw<T, N> other) {
    float x[N], r[N];
    expand<T, N>(one, x);
    expand<T, N>(other, r);
#pragma unroll
    for (int j = 0; j < N; j++) {
        x[j] += r[j];
    }
    return collapse<T, N>(x);
}

// scales (rows), or null: 1 / rms(x) for the backward pass. With ADD, x + residual goes to sum, which may be
// x.
template <class T, int N, bool ADD>
DEVICE void forward(
    Rows<const T> xRows, Rows<const T> residuals, Rows<T> sums, const T* gain, Rows<T> yRows, float* scales, int width,
    float epsilon) {
    const T* x = xRows[blockIdx.x];
    const T* residual = residuals[blockIdx.x];
    T* sum = sums[blockIdx.x];
    T* y = yRows[blockIdx.x];
    const int packs = width / N;
    Raw<T, N> kept[KEEP], other[KEEP];
    EACH_KEPT(i, k) {
        kept[k] = read<T, N>(x + i * N);
        if (ADD) {
            other[k] = read<T, N>(residual + i * N);
        }
    }
    float total = 0, wide[N];
    EACH_KEPT(i, k) {
        if (ADD) {
            kept[k] = add<T, N>(kept[k], other[k]);
            *reinterpret_cast<Raw<T, N>*>(sum + i * N) = kept[k];
        }
        expand<T, N>(kept[k], wide);
        total += squares<N>(wide);
    }
    EACH_OTHER(i) {
        Raw<T, N> raw = read<T, N>(x + i * N);
        if (ADD) {
            raw = add<T, N>(raw, read<T, N>(residual + i * N));
            *reinterpret_cast<Raw<T, N>*>(sum + i * N) = raw;
        }
        expand<T, N>(raw, wide);
        total += squares<N>(wide);
    }
    const float scale = rsqrtf(blockSum(total) / width + epsilon);
    if (scales && threadIdx.x == 0) {
        scales[blockIdx.x] = scale;
    }
    EACH_KEPT(i, k) {
        normalize<T, N>(kept[k], gain + i * N, y + i * N, scale);
    }
    const T* normalized = ADD ? sum : x;
    EACH_OTHER(i) {
        normalize<T, N>(read<T, N>(normalized + i * N), gain + i * N, y + i * N, scale);
    }
}

template <class T, int N> DEVICE float dot(Raw<T, N> dyRaw, Raw<T, N> xRaw, const T* gain) {
    float dy[N], x[N], g[N];
    expand<T, N>(dyRaw, dy);
    expand<T, N>(xRaw, x);
    load<T, N>(gain, g);
    float sum = 0;
#pragma unroll
    for (int j = 0; j < N; j++) {
        sum += dy[j] * g[j] * x[j];
    }
    return sum;
}

template <class T, int N, bool ADD>
DEVICE void inputGradient(
    Raw<T, N> dyRaw, Raw<T, N> xRaw, const T* gain, const T* carried, T* dx, float scale, float along) {
    float dy[N], x[N], g[N], sum[N];
    expand<T, N>(dyRaw, dy);
    expand<T, N>(xRaw, x);
    load<T, N>(gain, g);
    if (ADD) {
        load<T, N>(carried, sum);
    }
#pragma unroll
    for (int j = 0; j < N; j++) {
        float d = scale * dy[j] * g[j] - along * x[j];
        dy[j] = ADD ? sum[j] + d : d;
    }
    store<T, N>(dx, dy);
}

// dx = s · g·dy - x · s³ · mean(g·dy·x) with s = 1 / rms(x), and with ADD plus what the residual stream
// carries back. dx may be dy or carried.
template <class T, int N, bool ADD>
DEVICE void backward(
    Rows<const T> dyRows, Rows<const T> xRows, const T* gain, const float* scales, Rows<const T> carriedRows,
    Rows<T> dxRows, int width) {
    const T* dy = dyRows[blockIdx.x];
    const T* x = xRows[blockIdx.x];
    const T* carried = carriedRows[blockIdx.x];
    T* dx = dxRows[blockIdx.x];
    const int packs = width / N;
    Raw<T, N> keptDy[KEEP], keptX[KEEP];
    EACH_KEPT(i, k) {
        keptDy[k] = read<T, N>(dy + i * N);
        keptX[k] = read<T, N>(x + i * N);
    }
    float total = 0;
    EACH_KEPT(i, k) {
        total += dot<T, N>(keptDy[k], keptX[k], gain + i * N);
    }
    EACH_OTHER(i) {
        total += dot<T, N>(read<T, N>(dy + i * N), read<T, N>(x + i * N), gain + i * N);
    }
    const float scale = scales[blockIdx.x];
    const float along = scale * scale * scale * blockSum(total) / width;
    EACH_KEPT(i, k) {
        inputGradient<T, N, ADD>(keptDy[k], keptX[k], gain + i * N, carried + i * N, dx + i * N, scale, along);
    }
    EACH_OTHER(i) {
        inputGradient<T, N, ADD>(
            read<T, N>(dy + i * N), read<T, N>(x + i * N), gain + i * N, carried + i * N, dx + i * N, scale, along);
    }
}

#define INSTANCE(N, access)                                                                                            \
    KERNEL __launch_bounds__(512) rms_norm_##access(                                                                   \
        Rows<const Stored> x, const Stored* gain, Rows<Stored> y, float* scales, int width, float epsilon) {           \
        forward<Stored, N, false>(x, x, y, gain, y, scales, width, epsilon);                                           \
    }                                                                                                                  \
    KERNEL __launch_bounds__(512) add_rms_norm_##access(                                                               \
        Rows<const Stored> x, Rows<const Stored> residual, Rows<Stored> sum, const Stored* gain, Rows<Stored> y,       \
        float* scales, int width, float epsilon) {                                                                     \
        forward<Stored, N, true>(x, residual, sum, gain, y, scales, width, epsilon);                                   \
    }                                                                                                                  \
    KERNEL __launch_bounds__(512) rms_norm_backward_##access(                                                          \
        Rows<const Stored> dy, Rows<const Stored> x, const Stored* gain, const float* scales, Rows<Stored> dx,         \
        int width) {                                                                                                   \
        backward<Stored, N, false>(dy, x, gain, scales, dy, dx, width);                                                \
    }                                                                                                                  \
    KERNEL __launch_bounds__(512) add_rms_norm_backward_##access(                                                      \
        Rows<const Stored> dy, Rows<const Stored> x, const Stored* gain, const float* scales,                          \
        Rows<const Stored> carried, Rows<Stored> dx, int width) {                                                      \
        backward<Stored, N, true>(dy, x, gain, scales, carried, dx, width);                                            \
    }

FOR_BOTH_ACCESSES(INSTANCE)
