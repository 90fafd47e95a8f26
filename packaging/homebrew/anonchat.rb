# A tap's formula: it installs a released archive. scripts/formula fills in which one.
class Anonchat < Formula
  desc "Anonymous group chat that one person hosts with one command"
  homepage "https://anonchat.example/"
  version "0.0.0"
  license "MIT"

  releases = "https://anonchat.example/releases"

  on_macos do
    on_arm do
      url "#{releases}/anonchat-#{version}-aarch64-apple-darwin.tar.gz"
      sha256 "0000000000000000000000000000000000000000000000000000000000000000"
    end
    on_intel do
      url "#{releases}/anonchat-#{version}-x86_64-apple-darwin.tar.gz"
      sha256 "0000000000000000000000000000000000000000000000000000000000000000"
    end
  end

  on_linux do
    on_arm do
      url "#{releases}/anonchat-#{version}-aarch64-unknown-linux-musl.tar.gz"
      sha256 "0000000000000000000000000000000000000000000000000000000000000000"
    end
    on_intel do
      url "#{releases}/anonchat-#{version}-x86_64-unknown-linux-musl.tar.gz"
      sha256 "0000000000000000000000000000000000000000000000000000000000000000"
    end
  end

  def install
    bin.install "anonchat"
    man1.install Dir["man/*.1"]
    bash_completion.install "completions/anonchat.bash" => "anonchat"
    fish_completion.install "completions/anonchat.fish"
    zsh_completion.install "completions/_anonchat"
    pkgshare.install "anonchat.example.yaml", "THIRD-PARTY.txt"

    # Homebrew keeps the one that is there, and lays this beside it as anonchat.yaml.default.
    (buildpath/"anonchat.yaml").write <<~YAML
      # What is not here has its default. Every key: anonchat config example
      server:
        addr: 127.0.0.1:8080
      storage:
        data-dir: #{var}/lib/anonchat
    YAML
    (etc/"anonchat").install "anonchat.yaml"
  end

  def post_install
    (var/"lib/anonchat").mkpath
    (var/"lib/anonchat").chmod 0700
  end

  service do
    run [opt_bin/"anonchat", "--config", etc/"anonchat/anonchat.yaml", "serve"]
    keep_alive crashed: true
    working_dir var/"lib/anonchat"
    log_path var/"log/anonchat.log"
    error_log_path var/"log/anonchat.log"
  end

  def caveats
    <<~TEXT
      The server: brew services start anonchat, then http://127.0.0.1:8080
      A link that makes you its operator:
        anonchat --config #{etc}/anonchat/anonchat.yaml admin setup-link
      Everything that is stored is in #{var}/lib/anonchat and stays when the formula goes.
    TEXT
  end

  test do
    assert_match version.to_s, shell_output("#{bin}/anonchat --version")
    (testpath/"anonchat.yaml").write <<~YAML
      server:
        addr: 127.0.0.1:#{free_port}
      storage:
        data-dir: #{testpath}/data
    YAML
    settings = ["--config", testpath/"anonchat.yaml"]
    system bin/"anonchat", *settings, "config", "check"

    server = spawn bin/"anonchat", *settings.map(&:to_s), "serve"
    begin
      20.times do
        break if quiet_system bin/"anonchat", *settings, "healthcheck"

        sleep 1
      end
      system bin/"anonchat", *settings, "healthcheck"
    ensure
      Process.kill "TERM", server
      Process.wait server
    end
  end
end
