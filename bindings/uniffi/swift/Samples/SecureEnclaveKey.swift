import CryptoKit
import Foundation
import KsefOffline

/// A P-256 key in the Secure Enclave of an iPhone or Mac. Copy it into an app.
final class SecureEnclaveKey: SigningKey {
    private let key: SecureEnclave.P256.Signing.PrivateKey

    /// A key that exists: `stored` is its `dataRepresentation`, which only this device can use.
    init(stored: Data) throws {
        key = try SecureEnclave.P256.Signing.PrivateKey(dataRepresentation: stored)
    }

    func sign(algorithm: SignatureAlgorithm, bytes: Data) throws -> Data {
        guard algorithm == .ecdsaSha256 else {
            throw SigningFault.Failed(reason: "the Secure Enclave signs with ECDSA and SHA-256 only")
        }
        do {
            // r||s, as the library wants it; CryptoKit hashes the bytes with SHA-256.
            return try key.signature(for: bytes).rawRepresentation
        } catch {
            throw SigningFault.Missing(reason: "the Secure Enclave did not sign")
        }
    }
}
