package pl.ksefoffline

import java.net.URI
import java.net.http.HttpClient
import java.net.http.HttpRequest
import java.net.http.HttpResponse
import java.nio.file.Path
import java.util.concurrent.TimeUnit
import org.json.JSONObject

/** A running `ksef-offline simulate`. */
class Simulator(folder: Path) : AutoCloseable {
    private val process: Process = ProcessBuilder(
        System.getProperty("ksef.offline.program"), "--home", folder.toString(), "simulate", "--port", "0",
    ).redirectError(ProcessBuilder.Redirect.DISCARD).start()
    val addresses = JSONObject(process.inputReader().readLine())
    private val client = HttpClient.newHttpClient()

    fun order(method: String, what: String, body: JSONObject = JSONObject()): JSONObject {
        val request = HttpRequest.newBuilder(URI("${addresses.getString("control")}/$what"))
            .method(method, HttpRequest.BodyPublishers.ofString(body.toString())).build()
        val answer = client.send(request, HttpResponse.BodyHandlers.ofString())
        check(answer.statusCode() < 300) { "$what: ${answer.statusCode()}" }
        return if (answer.body().isEmpty()) JSONObject() else JSONObject(answer.body())
    }

    fun down(kind: String) = order("POST", "downtime", JSONObject().put("kind", kind))

    fun up() = order("DELETE", "downtime")

    fun delayProcessing(seconds: Int) = order("PUT", "processing", JSONObject().put("delay_ms", seconds * 1000))

    /** A certificate and its key, PEM. */
    fun certificate(usage: String): Pair<ByteArray, ByteArray> {
        val made = order("POST", "certificates", JSONObject().put("context", CONTEXT).put("type", usage).put("key", "p256"))
        return made.getString("certificate").toByteArray() to made.getString("key").toByteArray()
    }

    /** A home that logs in to this simulator. */
    fun home(folder: Path): String {
        val (certificate, key) = certificate("authentication")
        return createHome(
            folder.toString(),
            HomeOptions(
                context = CONTEXT,
                environment = HomeEnvironment.CUSTOM,
                addresses = CustomAddresses(
                    addresses.getString("api"), addresses.getString("latarnia"), addresses.getString("qr_host"),
                ),
                loginCertificate = String(certificate),
                loginKey = String(key),
            ),
        ).home
    }

    override fun close() {
        process.destroy()
        process.waitFor(10, TimeUnit.SECONDS)
    }

    companion object {
        const val CONTEXT = "Nip:5265877635"
    }
}
