#!/usr/bin/env bash
# Makes the keys and certificates of this folder anew with OpenSSL 3. They belong to nobody.
set -euo pipefail
cd "$(dirname "$0")"
openssl ecparam -name prime256v1 -genkey -noout -out p256-sec1.pem
openssl pkcs8 -topk8 -nocrypt -in p256-sec1.pem -out p256-pkcs8.pem
openssl pkcs8 -topk8 -nocrypt -in p256-sec1.pem -outform DER -out p256-pkcs8.der
openssl pkcs8 -topk8 -v2 aes-256-cbc -passout pass:zażółć -in p256-sec1.pem -out p256-encrypted.pem
openssl genrsa -traditional -out rsa-pkcs1.pem 2048
openssl pkcs8 -topk8 -v2 des3 -passout pass:zażółć -in rsa-pkcs1.pem -out rsa-encrypted-3des.pem
openssl genrsa -out rsa-1024.pem 1024
openssl ecparam -name secp384r1 -genkey -noout -out p384.pem
openssl ecparam -name secp521r1 -genkey -noout -out p521.pem
certificate() { # key, file, keyUsage, serial
  openssl req -x509 -new -key "$1" -days 36500 -set_serial "$4" -addext "keyUsage=critical,$3" \
    -addext basicConstraints=critical,CA:FALSE -out "$2" \
    -subj '/C=PL/O=Piekarnia "Łódka", sp. z o.o./organizationIdentifier=VATPL-5265877635/CN=Łódka \+ #1' -utf8
}
certificate p256-sec1.pem p256-offline.crt nonRepudiation 0x01635E98D9669239
certificate rsa-pkcs1.pem rsa-offline.crt nonRepudiation 0x00000000000012AB
certificate p256-sec1.pem p256-authentication.crt digitalSignature 0x01635E98D966923A
openssl pkcs12 -export -inkey p256-sec1.pem -in p256-offline.crt -passout pass:zażółć -out p256.p12
openssl pkcs12 -export -legacy -inkey rsa-pkcs1.pem -in rsa-offline.crt -passout pass:zażółć -out rsa-legacy.p12
# A root, an authority below it, and a seal below that; a stranger with the root's name.
openssl ecparam -name prime256v1 -genkey -noout -out chain.tmp
for name in root stranger; do
  openssl genrsa -out "$name.tmp" 2048
  openssl req -x509 -new -key "$name.tmp" -days 36500 -subj '/CN=Test root' -out "chain-$name.crt" \
    -addext 'basicConstraints=critical,CA:true' -addext 'keyUsage=critical,keyCertSign'
done
printf 'basicConstraints=critical,CA:true\nkeyUsage=critical,keyCertSign\n' >authority.tmp
printf 'basicConstraints=critical,CA:false\nkeyUsage=critical,digitalSignature\n' >seal.tmp
openssl ecparam -name prime256v1 -genkey -noout -out authority-key.tmp
openssl req -new -key authority-key.tmp -subj '/CN=Test authority' -out request.tmp
openssl x509 -req -in request.tmp -CA chain-root.crt -CAkey root.tmp -days 36500 -sha256 -extfile authority.tmp \
  -set_serial 2 -out chain-authority.crt
openssl req -new -key chain.tmp -subj '/CN=Test seal' -out request.tmp
openssl x509 -req -in request.tmp -CA chain-authority.crt -CAkey authority-key.tmp -days 36500 -sha256 \
  -extfile seal.tmp -set_serial 3 -out chain-seal.crt
openssl req -new -key p256-sec1.pem -subj '/CN=Test below seal' -out request.tmp
openssl x509 -req -in request.tmp -CA chain-seal.crt -CAkey chain.tmp -days 36500 -sha256 -extfile seal.tmp \
  -set_serial 4 -out chain-below-seal.crt
# Certificates of one key that are not for signing, and below a root those with extensions that a verifier must weigh.
certificate p256-sec1.pem p256-encipherment.crt keyEncipherment,keyAgreement 0x01635E98D966923B
extended() { # file, subject, serial, extensions
  printf '%s\n' "${@:4}" >extensions.tmp
  openssl req -new -key p256-sec1.pem -subj "/CN=$2" -out request.tmp
  openssl x509 -req -in request.tmp -CA "${issuer:-extended-root.crt}" -CAkey p256-sec1.pem -days 36500 -sha256 \
    -extfile extensions.tmp -set_serial "$3" -out "$1"
}
authority=('basicConstraints=critical,CA:true' 'keyUsage=critical,keyCertSign')
seal=('basicConstraints=critical,CA:false' 'keyUsage=critical,digitalSignature')
unknown='1.2.3.4=critical,DER:0500'
openssl req -x509 -new -key p256-sec1.pem -days 36500 -subj '/CN=Test extensions' -out extended-root.crt \
  -addext 'basicConstraints=critical,CA:true' -addext 'keyUsage=critical,keyCertSign' -addext "$unknown"
extended extended-authority.crt 'Test between' 2 "${authority[@]}"
extended extended-authority-unknown.crt 'Test between' 3 "${authority[@]}" "$unknown"
extended extended-authority-names.crt 'Test between' 4 "${authority[@]}" 'nameConstraints=critical,permitted;DNS:example.pl'
extended extended-seal-unknown.crt 'Test seal' 5 "${seal[@]}" "$unknown"
extended extended-seal-remark.crt 'Test seal' 6 "${seal[@]}" '1.2.3.4=DER:0500'
extended extended-seal-qualified.crt 'Test seal' 7 "${seal[@]}" 'certificatePolicies=critical,1.2.3.4' \
  'extendedKeyUsage=critical,clientAuth,emailProtection' '1.3.6.1.5.5.7.1.3=critical,DER:300A3008060604008E460101'
extended extended-seal-statement.crt 'Test seal' 8 "${seal[@]}" '1.3.6.1.5.5.7.1.3=critical,DER:3007300506032A0304'
extended extended-server.crt 'Test server' 9 "${seal[@]}" 'extendedKeyUsage=critical,serverAuth'
issuer=extended-authority.crt extended extended-seal.crt 'Test seal' 10 "${seal[@]}"
# A store with a chain, and one without a key.
cat chain-root.crt chain-authority.crt >others.tmp
openssl pkcs12 -export -inkey rsa-pkcs1.pem -in rsa-offline.crt -certfile others.tmp -passout pass:zażółć -out chain.p12
openssl pkcs12 -export -nokeys -in others.tmp -passout pass:zażółć -out certificates-only.p12
rm -- *.tmp
