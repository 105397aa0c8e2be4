package io.lorica.trainer;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

import io.lorica.contracts.dataset.TrainingExample;
import io.lorica.contracts.job.JobSpec;
import io.lorica.llm.train.LoraTrainingEngine;
import io.lorica.llm.train.PreparationProgress;
import io.lorica.llm.train.RunStart;
import io.lorica.llm.train.TrainingEngine;
import io.lorica.llm.train.TrainingRun;
import jakarta.inject.Singleton;

/// The real engine, which counts its steps and in whose way a test can put what makes a write fail as a
/// full disk does: a directory where the file is to be. That stops the superuser, too.
@Singleton
public class ObstructedEngine implements TrainingEngine {

    private final TrainingEngine real = new LoraTrainingEngine();
    private final AtomicInteger steps = new AtomicInteger();
    private volatile String refused = "nothing";
    private volatile String full = "nothing";
    private volatile String spinning = "nothing";

    /// Lets the writes of a method of runs fail from now on.
    void refuseWritesOf(String method) {
        refused = method;
    }

    /// Lets the writes of a method of runs fail from now on as on a full disk.
    void fillTheDiskFor(String method) {
        full = method;
    }

    /// Lets a method of runs compute for ever from now on, deaf to interrupts, until another one is named. `open` is
    /// the
    /// engine's own.
    void spinIn(String method) {
        spinning = method;
    }

    /// How many optimizer steps all runs have done.
    int steps() {
        return steps.get();
    }

    @Override
    public TrainingRun open(
            Path modelDirectory,
            JobSpec spec,
            List<TrainingExample> training,
            List<TrainingExample> validation,
            RunStart start,
            PreparationProgress progress) {
        spin("open");
        TrainingRun run = real.open(modelDirectory, spec, training, validation, start, progress);
        return (TrainingRun) Proxy.newProxyInstance(
                TrainingRun.class.getClassLoader(),
                new Class<?>[] {TrainingRun.class},
                (_, method, arguments) -> call(run, method, arguments));
    }

    @Override
    public String device() {
        return real.device();
    }

    private Object call(TrainingRun run, Method method, Object... arguments) throws Throwable {
        if (method.getName().equals("step")) {
            steps.incrementAndGet();
        }
        spin(method.getName());
        if (method.getName().equals(full)) {
            throw new UncheckedIOException(new IOException("No space left on device"));
        }
        if (method.getName().equals(refused)) {
            obstruct(
                    method.getName().equals("saveMerged")
                            ? ((Path) arguments[0]).resolve("model.safetensors")
                            : (Path) arguments[1]);
        }
        try {
            return method.invoke(run, arguments);
        } catch (InvocationTargetException e) {
            throw e.getCause();
        }
    }

    private void spin(String method) {
        while (method.equals(spinning)) {
            Thread.onSpinWait();
        }
    }

    private static void obstruct(Path file) throws IOException {
        Files.createDirectories(file.resolve("in-the-way"));
    }
}
