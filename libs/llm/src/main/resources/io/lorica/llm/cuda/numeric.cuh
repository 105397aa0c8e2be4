// What all kernels share: the types in which tensors are stored, 16 bytes of them at a time, and sums over a
// block. Arithmetic is float32 throughout. NVRTC brings no headers, so the conversions of 16-bit floats are
// PTX.
//
// N is how many neighbours one thread takes: 16 bytes where rows and pointers are aligned, one element
// otherwise.

typedef unsigned char u8;
typedef unsigned short u16;
typedef unsigned int u32;
typedef long long i64;
typedef unsigned long long u64;

struct bf16 { u16 bits; };
struct f16 { u16 bits; };
typedef float f32;

#define DEVICE __device__ __forceinline__
#define KERNEL extern "C" __global__ void

constexpr float LOG2_E = 1.44269504088896340736f;
#define MINUS_INFINITY __uint_as_float(0xff800000u)

// ---- one element

template <class T> DEVICE float widen(u32 bits);

template <> DEVICE float widen<f32>(u32 bits) { return __uint_as_float(bits); }

template <> DEVICE float widen<bf16>(u32 bits) { return __uint_as_float(bits << 16); }

template <> DEVICE float widen<f16>(u32 bits) {
    float wide;
    asm("cvt.f32.f16 %0, %1;" : "=f"(wide) : "h"((u16) bits));
    return wide;
}

template <class T> DEVICE u32 narrow(float wide);

template <> DEVICE u32 narrow<f32>(float wide) { return __float_as_uint(wide); }

template <> DEVICE u32 narrow<bf16>(float wide) {
#if __CUDA_ARCH__ >= 800
    u16 bits;
    asm("cvt.rn.bf16.f32 %0, %1;" : "=h"(bits) : "f"(wide));
    return bits;
#else
    // Round to nearest, ties to even; the addition could turn a NaN into an infinity.
    u32 bits = __float_as_uint(wide);
    return wide != wide ? 0x7fc0u : (bits + 0x7fffu + ((bits >> 16) & 1u)) >> 16;
#endif
}

template <> DEVICE u32 narrow<f16>(float wide) {
    u16 bits;
    asm("cvt.rn.f16.f32 %0, %1;" : "=h"(bits) : "f"(wide));
    return bits;
}

// ---- two 16-bit elements in one word

template <class T> DEVICE u32 narrow2(float low, float high) { return narrow<T>(low) | narrow<T>(high) << 16; }

#if __CUDA_ARCH__ >= 800
template <> DEVICE u32 narrow2<bf16>(float low, float high) {
    u32 bits;
    asm("cvt.rn.bf16x2.f32 %0, %1, %2;" : "=r"(bits) : "f"(high), "f"(low));
    return bits;
}

template <> DEVICE u32 narrow2<f16>(float low, float high) {
    u32 bits;
    asm("cvt.rn.f16x2.f32 %0, %1, %2;" : "=r"(bits) : "f"(high), "f"(low));
    return bits;
}
#endif

// ---- N elements

template <int BYTES> struct Word;
template <> struct Word<16> { typedef uint4 type; };
template <> struct Word<4> { typedef u32 type; };
template <> struct Word<2> { typedef u16 type; };

template <class T, int N> using Raw = typename Word<(int) sizeof(T) * N>::type;

template <class T, int N> DEVICE Raw<T, N> read(const T* from) { return *reinterpret_cast<const Raw<T, N>*>(from); }

template <class T, int N> DEVICE void expand(Raw<T, N> raw, float (&wide)[N]) {
    if constexpr (N == 1) {
        wide[0] = widen<T>(raw);
    } else {
        u32 words[4] = {raw.x, raw.y, raw.z, raw.w};
#pragma unroll
        for (int i = 0; i < 4; i++) {
            if constexpr (sizeof(T) == 4) {
                wide[i] = widen<T>(words[i]);
            } else {
                wide[2 * i] = widen<T>(words[i] & 0xffffu);
                wide[2 * i + 1] = widen<T>(words[i] >> 16);
            }
        }
    }
}

template <class T, int N> DEVICE Raw<T, N> collapse(const float (&wide)[N]) {
    if constexpr (N == 1) {
        return (Raw<T, N>) narrow<T>(wide[0]);
    } else if constexpr (sizeof(T) == 4) {
        return make_uint4(narrow<T>(wide[0]), narrow<T>(wide[1]), narrow<T>(wide[2]), narrow<T>(wide[3]));
    } else {
        return make_uint4(
            narrow2<T>(wide[0], wide[1]),
            narrow2<T>(wide[2], wide[3]),
            narrow2<T>(wide[4], wide[5]),
            narrow2<T>(wide[6], wide[7]));
    }
}

template <class T, int N> DEVICE void load(const T* from, float (&wide)[N]) { expand<T, N>(read<T, N>(from), wide); }

template <class T, int N> DEVICE void store(T* to, const float (&wide)[N]) {
    *reinterpret_cast<Raw<T, N>*>(to) = collapse<T, N>(wide);
}

// Rows of a matrix, which may be the first columns of a wider one.
template <class T> struct Rows {
    T* first;
    i64 stride; // elements from one row to the next

    DEVICE T* operator[](i64 row) const { return first + row * stride; }
};

// ---- functions

DEVICE float power2(float x) {
    float y;
    asm("ex2.approx.ftz.f32 %0, %1;" : "=f"(y) : "f"(x));
    return y;
}

DEVICE float sigmoid(float x) { return __fdividef(1.0f, 1.0f + power2(-LOG2_E * x)); }

// ---- sums, in the same order every time

DEVICE float warpSum(float x) {
#pragma unroll
    for (int distance = 16; distance > 0; distance /= 2) {
        x += __shfl_xor_sync(0xffffffffu, x, distance);
    }
    return x;
}

// Of all threads of a block of whole warps, to all of them; at most once in a kernel.
DEVICE float blockSum(float x) {
    __shared__ float sums[32];
    x = warpSum(x);
    if (threadIdx.x % 32 == 0) {
        sums[threadIdx.x / 32] = x;
    }
    __syncthreads();
    return warpSum(threadIdx.x % 32 < blockDim.x / 32 ? sums[threadIdx.x % 32] : 0.0f);
}

// Each source is compiled for one storage type: -DSTORAGE=bf16, f16 or f32. Its kernels come with 16-byte
// accesses (_wide) and without (_single).
typedef STORAGE Stored;
constexpr int LANES = 16 / sizeof(Stored);

#define FOR_BOTH_ACCESSES(INSTANCE) INSTANCE(LANES, wide) INSTANCE(1, single)
