package pl.ksefoffline

import java.nio.file.Files
import java.nio.file.Path
import java.security.KeyFactory
import java.security.PrivateKey
import java.security.cert.CertificateFactory
import java.security.cert.X509Certificate
import java.security.spec.PKCS8EncodedKeySpec
import java.util.Base64
import java.util.concurrent.atomic.AtomicInteger
import org.json.JSONObject

/** What lies in the repository: vectors, keys and invoices that all languages test with. */
object Repository {
    val root: Path = Path.of(System.getProperty("workspace")).toRealPath()
    val examples: List<Path> =
        Files.list(root.resolve("examples/invoices")).use { files ->
            files.filter { it.toString().endsWith(".xml") }.sorted().toList()
        }
    private val used = AtomicInteger()

    fun vectors(name: String) = JSONObject(Files.readString(root.resolve("tests/vectors/$name")))

    fun key(name: String): ByteArray = Files.readAllBytes(root.resolve("tests/vectors/keys/$name"))

    fun certificate(name: String): X509Certificate = certificate(key(name))

    fun certificate(pem: ByteArray): X509Certificate =
        CertificateFactory.getInstance("X.509").generateCertificate(pem.inputStream()) as X509Certificate

    fun javaKey(pkcs8: ByteArray, algorithm: String): PrivateKey {
        val text = String(pkcs8).lines().filterNot { it.startsWith("-----") }.joinToString("")
        return KeyFactory.getInstance(algorithm)
            .generatePrivate(PKCS8EncodedKeySpec(Base64.getDecoder().decode(text)))
    }

    /** An example invoice of today, with a number nobody used. */
    fun fresh(): ByteArray {
        val number = "KT/${ProcessHandle.current().pid()}/${used.incrementAndGet()}"
        return Files.readString(examples.first())
            .replaceFirst(Regex("<P_2>[^<]*<"), "<P_2>$number<")
            .replaceFirst(Regex("<P_1>[^<]*<"), "<P_1>${todayInWarsaw()}<")
            .toByteArray()
    }
}
