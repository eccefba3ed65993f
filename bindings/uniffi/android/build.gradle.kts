// The Kotlin face of ksef-offline as an Android library. Needs cargo with the Rust targets below, cargo-ndk and the NDK.
plugins {
    id("com.android.library") version "8.13.0"
    id("org.jetbrains.kotlin.android") version "2.2.20"
}

val workspace = rootDir.resolve("../../..")
val generated = layout.buildDirectory.dir("generated/uniffi")
val libraries = layout.buildDirectory.dir("jniLibs")

android {
    namespace = "pl.ksefoffline"
    compileSdk = 36
    defaultConfig { minSdk = 26 }
    compileOptions {
        sourceCompatibility = JavaVersion.VERSION_17
        targetCompatibility = JavaVersion.VERSION_17
    }
    sourceSets["main"].apply {
        // The same main sources as on the JVM, and what is written for the library.
        kotlin.srcDirs("../kotlin/src/main/kotlin", generated)
        jniLibs.srcDir(libraries)
    }
}

kotlin { jvmToolchain(17) }

dependencies {
    // The archive for Android holds JNA's own native part.
    implementation("net.java.dev.jna:jna:5.18.1@aar")
    api("org.jetbrains.kotlinx:kotlinx-coroutines-android:1.10.2")
}

// The library for each kind of phone, where Android looks for it: jniLibs/ABI/libksef_offline_uniffi.so.
val nativeLibraries by tasks.registering(Exec::class) {
    workingDir = workspace
    commandLine(
        "cargo", "ndk", "--target", "arm64-v8a", "--target", "armeabi-v7a", "--target", "x86_64", "--platform", "26",
        "--output-dir", libraries.get().asFile.path,
        "build", "--package", "ksef-offline-uniffi", "--lib", "--no-default-features",
        "--profile", "release-mobile",
    )
}

// Kotlin is written from a build for this machine: a stripped library no longer says what it exports.
val hostLibrary by tasks.registering(Exec::class) {
    workingDir = workspace
    commandLine("cargo", "build", "--package", "ksef-offline-uniffi", "--features", "bindgen")
}
val kotlinCode by tasks.registering(Exec::class) {
    dependsOn(hostLibrary)
    workingDir = workspace
    val extension = if (System.getProperty("os.name").startsWith("Mac")) "dylib" else "so"
    commandLine(
        "target/debug/uniffi-bindgen", "generate", "--language", "kotlin", "--no-format",
        "--out-dir", generated.get().asFile.path, "target/debug/libksef_offline_uniffi.$extension",
    )
}

tasks.named("preBuild") { dependsOn(nativeLibraries, kotlinCode) }
