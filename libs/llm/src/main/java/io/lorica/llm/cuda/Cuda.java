package io.lorica.llm.cuda;

import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

import org.jboss.logging.Logger;

/// The door to CUDA: whether it is there, and its devices. Looked for once, at first use.
public final class Cuda {

    private static final Logger LOG = Logger.getLogger(Cuda.class);
    private static final ConcurrentHashMap<Integer, CudaDevice> DEVICES = new ConcurrentHashMap<>();

    private Cuda() {}

    /// Looked for at first use.
    private static final class Found {
        private static final Search SEARCH = Search.run();
    }

    /// What was found, and the libraries if they were.
    private record Search(CudaStatus status, Optional<Libraries> libraries) {

        static Search run() {
            if (Setting.KERNELS.off()) {
                return missing("kernels are switched off by " + Setting.KERNELS);
            }
            try {
                return Driver.load()
                        .map(Search::withDriver)
                        .orElseGet(() -> missing("there is no NVIDIA driver (libcuda.so.1) on this machine"));
            } catch (CudaException unusable) {
                return missing("CUDA does not start: " + unusable.getMessage());
            }
        }

        private static Search withDriver(Driver driver) {
            int gpus = driver.intOf("cuDeviceGetCount");
            if (gpus == 0) {
                return missing("the NVIDIA driver shows no GPU; check CUDA_VISIBLE_DEVICES");
            }
            int major = driver.version() / 1000;
            NvrtcSearch search = NvrtcSearch.ofProcess();
            return Nvrtc.find(search, major)
                    .map(nvrtc -> ready(driver, nvrtc, gpus))
                    .orElseGet(() -> {
                        LOG.infof("NVRTC was looked for in %s", search.places());
                        return missing("there is no NVRTC (libnvrtc.so) for CUDA " + major + "; install it and point "
                                + Setting.NVRTC + " at it");
                    });
        }

        private static Search ready(Driver driver, Nvrtc nvrtc, int gpus) {
            // Jobs tell these words to their callers, whom places on this machine do not concern; the log does.
            LOG.infof("%s is %s", nvrtc.version(), nvrtc.location());
            String words =
                    "CUDA " + driver.version() / 1000 + "." + driver.version() % 1000 / 10 + ", " + nvrtc.version();
            return new Search(new CudaStatus.Ready(gpus, words), Optional.of(new Libraries(driver, nvrtc)));
        }

        private static Search missing(String words) {
            return new Search(new CudaStatus.Missing(words), Optional.empty());
        }
    }

    private record Libraries(Driver driver, Nvrtc nvrtc) {}

    /// What was found.
    public static CudaStatus status() {
        return Found.SEARCH.status();
    }

    /// Whether [#device] will work.
    public static boolean available() {
        return status() instanceof CudaStatus.Ready;
    }

    /// Whether passes may be captured as graphs: there is a GPU, and nobody has switched it off.
    public static boolean graphs() {
        return available() && !Setting.GRAPHS.off();
    }

    /// A GPU, numbered as libtorch numbers them.
    ///
    /// @throws CudaException with the reason if there is none of that number
    public static CudaDevice device(int index) {
        Libraries libraries = Found.SEARCH.libraries().orElseThrow(() -> new CudaException(status().words()));
        return DEVICES.computeIfAbsent(index, key -> new CudaDevice(libraries.driver(), libraries.nvrtc(), key));
    }
}
